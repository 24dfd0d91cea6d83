import type { FaultReport, Place } from './fault.ts';

/** Characters of a text of a fault that is written into a workflow's history, which has it several times. */
const max = { message: 2000, other: 500 };

/** A fault short enough for a workflow's history and for the record of a step; what it was about has all of it in its log. */
export function boundFault(report: FaultReport): FaultReport {
  const { message, where, hint } = report;
  const place =
    where && (Object.fromEntries(Object.entries(where).map(([key, value]) => [key, short(value)])) as Place);
  return {
    ...report,
    message: boundText(message),
    ...(place && { where: place }),
    ...(hint !== undefined && { hint: boundText(hint, max.other) }),
  };
}

/** Keeps the beginning and the end of a text that is longer. */
export function boundText(text: string, length = max.message): string {
  if (text.length <= length) return text;
  const half = Math.floor(length / 2);
  // Not between the two halves of one character.
  return `${text.slice(0, half).replace(/[\uD800-\uDBFF]$/, '')} … (${text.length - 2 * half} characters cut) … ${text.slice(-half).replace(/^[\uDC00-\uDFFF]/, '')}`;
}

function short(value: string | number): string | number {
  return typeof value === 'string' ? boundText(value, max.other) : value;
}
