import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../../language/flow/schema.ts';
import type { HttpAnswer } from './http-request.ts';

/** Requirements of a response; absent fields are not checked, but without a status it must be 2xx. */
export interface Expectation {
  status?: number;
  body?: string;
  bodyContains?: string;
  json?: unknown;
}

const maxQuoteLength = 300;

/** Returns `expected …, got …` when the response is not as expected, else undefined. */
export function describeMismatch(
  { status, body }: Pick<HttpAnswer, 'status' | 'body'>,
  expect: Expectation,
): string | undefined {
  const statusFits = expect.status === undefined ? status >= 200 && status < 300 : status === expect.status;
  const bodyFits = expect.body === undefined || body === expect.body;
  const partFits = expect.bodyContains === undefined || body.includes(expect.bodyContains);
  const difference = expect.json === undefined ? undefined : jsonDifference(body, expect.json);
  if (statusFits && bodyFits && partFits && !difference) return undefined;
  const expected = [
    expect.status === undefined ? 'a 2xx status' : `status ${expect.status}`,
    expect.body !== undefined && `body ${quote(expect.body)}`,
    expect.bodyContains !== undefined && `a body with ${quote(expect.bodyContains)}`,
    difference?.expected,
  ].filter(Boolean);
  return `expected ${expected.join(' and ')}, got ${status} ${difference?.got ?? quote(body)}`;
}

function jsonDifference(body: string, expected: unknown): { expected: string; got: string } | undefined {
  try {
    const path = firstDifference(JSON.parse(body), expected, 'json');
    return path && { expected: `${path.path} ${quote(path.expected)}`, got: `${path.path} ${quote(path.got)}` };
  } catch {
    return { expected: 'a JSON body', got: quote(body) };
  }
}

/** Finds the first difference: objects may have additional members, everything else must be equal. */
function firstDifference(
  got: unknown,
  expected: unknown,
  path: string,
): { path: string; expected: unknown; got: unknown } | undefined {
  if (isRecord(expected) && isRecord(got)) {
    for (const [key, value] of Object.entries(expected)) {
      const found = firstDifference(got[key], value, `${path}.${key}`);
      if (found) return found;
    }
    return undefined;
  }
  if (Array.isArray(expected) && Array.isArray(got) && expected.length === got.length) {
    for (const [index, value] of expected.entries()) {
      const found = firstDifference(got[index], value, `${path}[${index}]`);
      if (found) return found;
    }
    return undefined;
  }
  return isDeepStrictEqual(got, expected) ? undefined : { path, expected, got };
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > maxQuoteLength ? `${text.slice(0, maxQuoteLength)}…` : text;
}
