import { Session } from 'node:inspector';
import { parentPort, workerData } from 'node:worker_threads';

export interface WatchdogData {
  /** Grows with the turns of the watched event loop. */
  beats: Int32Array;
  limitMs: number;
}

/** How long the event loop did not turn, and what was running when that became too long, innermost call first. */
export interface Blockage {
  blockedMs: number;
  stack: string[];
}

interface CallFrame {
  functionName: string;
  location: { scriptId: string; lineNumber: number };
}

const { beats, limitMs } = workerData as WatchdogData;
const tickMs = Math.min(100, limitMs / 4);
const maxFrames = 20;

let seen = Atomics.load(beats, 0);
let blockedMs = 0;
let stack: string[] | undefined;
let before = Date.now();

setInterval(() => {
  const now = Date.now();
  // A machine that slept, or had no time for this thread either, blocked nobody.
  const passed = Math.min(now - before, 2 * tickMs);
  before = now;
  const beat = Atomics.load(beats, 0);
  if (beat !== seen) {
    if (stack) parentPort?.postMessage({ blockedMs, stack } satisfies Blockage);
    [seen, blockedMs, stack] = [beat, 0, undefined];
    return;
  }
  blockedMs += passed;
  if (blockedMs < limitMs || stack) return;
  stack = [];
  takeStack(stack);
}, tickMs);

/** Stops the main thread at its next statement, for as long as it takes to read its stack. */
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
