import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../model/fault.ts';
import { describeMismatch, type Expectation } from './http-expectation.ts';
import { type HttpAnswer, type HttpRequest, sendRequest } from './http-request.ts';
import type { StepKind } from './kind.ts';

interface HttpCheck extends HttpRequest {
  expect?: Expectation;
  retries: number;
  retryDelaySeconds: number;
}

/** Sends a request until the response is as expected, with up to `retries` retries; reports the expected and actual response. */
export const httpCheck: StepKind = async ({ input, output, signal }) => {
  const { expect = {}, retries, retryDelaySeconds, ...request } = input as unknown as HttpCheck;
  for (let retriesLeft = retries; ; retriesLeft--) {
    let failure: string | undefined;
    let answer: HttpAnswer | undefined;
    try {
      answer = await sendRequest(request, signal);
      failure = describeMismatch(answer, expect);
    } catch (error) {
      if (signal.aborted || !(error instanceof Fault) || error.code !== 'step_failed') throw error;
      failure = error.message;
    }
    const name = `${request.method} ${request.url}`;
    if (answer && !failure) {
      await output.print(`${name}: ${answer.status} after ${answer.durationMs} ms, as expected`);
      return outputOf(answer);
    }
    await output.print(`${name}: ${failure}${retriesLeft > 0 ? `; ${retriesLeft} more tries` : ''}`);
    if (retriesLeft === 0) throw new Fault('step_failed', `${name}: ${failure}`);
    await delay(retryDelaySeconds * 1000, undefined, { signal });
  }
};

const maxBodyLength = 16 * 1024;

function outputOf({ status, headers, body, durationMs }: HttpAnswer): Record<string, unknown> {
  const isComplete = body.length <= maxBodyLength;
  let json: unknown;
  try {
    json = isComplete ? JSON.parse(body) : undefined;
  } catch {
    // A body that is not JSON has no `json`.
  }
  return { status, headers, body: body.slice(0, maxBodyLength), ...(json !== undefined && { json }), durationMs };
}
