import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import { type Expectation, mismatch } from './http-expectation.ts';
import { ask, type HttpAnswer, type HttpRequest } from './http-request.ts';
import type { StepKind } from './kind.ts';

interface HttpCheck extends HttpRequest {
  expect?: Expectation;
  retries: number;
  retryDelaySeconds: number;
}

/** Makes a request until its answer is as expected, at most `retries` times more; says what it expected and got. */
export const httpCheck: StepKind = async ({ input, output, signal }) => {
  const { expect = {}, retries, retryDelaySeconds, ...request } = input as unknown as HttpCheck;
  for (let left = retries; ; left--) {
    let problem: string | undefined;
    let answer: HttpAnswer | undefined;
    try {
      answer = await ask(request, signal);
      problem = mismatch(answer, expect);
    } catch (error) {
      if (signal.aborted || !(error instanceof Fault) || error.code !== 'step_failed') throw error;
      problem = error.message;
    }
    const name = `${request.method} ${request.url}`;
    if (answer && !problem) {
      await output.print(`${name}: ${answer.status} after ${answer.durationMs} ms, as expected`);
      return outputOf(answer);
    }
    await output.print(`${name}: ${problem}${left > 0 ? `; ${left} more tries` : ''}`);
    if (left === 0) throw new Fault('step_failed', `${name}: ${problem}`);
    await delay(retryDelaySeconds * 1000, undefined, { signal });
  }
};

const bodyLimit = 16 * 1024;

function outputOf({ status, headers, body, durationMs }: HttpAnswer): Record<string, unknown> {
  const whole = body.length <= bodyLimit;
  let json: unknown;
  try {
    json = whole ? JSON.parse(body) : undefined;
  } catch {
    // A body that is no JSON has no `json`.
  }
  return { status, headers, body: body.slice(0, bodyLimit), ...(json !== undefined && { json }), durationMs };
}
