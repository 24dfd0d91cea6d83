import { Fault } from '../../model/fault.ts';

export interface HttpRequest {
  url: string;
  method: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutSeconds: number;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  durationMs: number;
}

const maxBodyBytes = 1024 * 1024;

const reasons: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host cannot be resolved',
  ECONNRESET: 'the connection was closed before the answer was complete',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
};

/** Sends one request without following redirects. Throws `step_failed` when there is no complete response in time. */
export async function sendRequest(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { url, method, headers = {}, body, timeoutSeconds } = request;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new Fault('input_invalid', `${JSON.stringify(url)} is not a valid HTTP URL`, {
      where: { path: 'input.url' },
      hint: 'write it like http://greeter:8080/hello',
    });
  }
  const started = performance.now();
  const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
  try {
    const response = await fetch(url, {
      method,
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await readBody(response),
      durationMs: Math.round(performance.now() - started),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) throw new Fault('step_failed', `no complete answer within ${timeoutSeconds} s`);
    throw new Fault('step_failed', describe(error, url), { cause: error });
  }
}

async function readBody(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    sizeBytes += chunk.length;
    if (sizeBytes > maxBodyBytes) throw new Error('the body of the answer exceeds the limit of 1 MB');
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Returns the reason that fetch hides in the cause of "fetch failed". */
function describe(error: unknown, url: string): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  const known = reasons[cause?.code ?? ''];
  if (known) return `${known} (${cause?.code} ${new URL(url).host})`;
  return cause?.message || (error instanceof Error ? error.message : String(error));
}
