import { Session } from 'node:inspector';
import { parentPort, workerData } from 'node:worker_threads';

export interface WatchdogData {
  /** Counter that the watched event loop increments. */
  heartbeats: Int32Array;
  limitMs: number;
}

/** Duration of a block of the event loop, and the call stack at the limit, innermost call first. */
export interface Blockage {
  blockedMs: number;
  stack: string[];
}

interface CallFrame {
  functionName: string;
  location: { scriptId: string; lineNumber: number };
}

const { heartbeats, limitMs } = workerData as WatchdogData;
const tickMs = Math.min(100, limitMs / 4);
const maxFrames = 20;

let lastHeartbeat = Atomics.load(heartbeats, 0);
let blockedMs = 0;
let stack: string[] | undefined;
let lastTickAt = Date.now();

setInterval(() => {
  const now = Date.now();
  // A suspended or overloaded machine delays this thread too: that is not a block.
  const passedMs = Math.min(now - lastTickAt, 2 * tickMs);
  lastTickAt = now;
  const heartbeat = Atomics.load(heartbeats, 0);
  if (heartbeat !== lastHeartbeat) {
    if (stack) parentPort?.postMessage({ blockedMs, stack } satisfies Blockage);
    [lastHeartbeat, blockedMs, stack] = [heartbeat, 0, undefined];
    return;
  }
  blockedMs += passedMs;
  if (blockedMs < limitMs || stack) return;
  stack = [];
  takeStack(stack);
}, tickMs);

/** Pauses the main thread at its next statement to read its stack. */
function takeStack(into: string[]): void {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map<string, string>();
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  session.once('Debugger.paused', ({ params }) => {
    for (const { functionName, location } of (params.callFrames as CallFrame[]).slice(0, maxFrames)) {
      const url = urls.get(location.scriptId) || 'a script without a name';
      into.push(`${functionName || '(anonymous)'} ${url}:${location.lineNumber + 1}`);
    }
    session.post('Debugger.resume', () => session.disconnect());
  });
  session.post('Debugger.enable', () => session.post('Debugger.pause'));
}
