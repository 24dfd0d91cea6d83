import type { FaultReport, Place } from './fault.ts';

/** Limits of a fault's texts in characters; a workflow's history contains the fault several times. */
const max = { message: 2000, other: 500 };

/** Returns a fault short enough for a workflow's history and the record of a step; the log has the full text. */
export function truncateFault(report: FaultReport): FaultReport {
  const { message, where, hint } = report;
  const place =
    where && (Object.fromEntries(Object.entries(where).map(([key, value]) => [key, short(value)])) as Place);
  return {
    ...report,
    message: truncateText(message),
    where: place,
    hint: hint === undefined ? undefined : truncateText(hint, max.other),
  };
}

/** Returns the beginning and the end of a text longer than `length`. */
export function truncateText(text: string, length = max.message): string {
  if (text.length <= length) return text;
  const half = Math.floor(length / 2);
  // Does not cut a surrogate pair.
  return `${text.slice(0, half).replace(/[\uD800-\uDBFF]$/, '')} … (${text.length - 2 * half} characters cut) … ${text.slice(-half).replace(/^[\uDC00-\uDFFF]/, '')}`;
}

function short(value: string | number): string | number {
  return typeof value === 'string' ? truncateText(value, max.other) : value;
}
