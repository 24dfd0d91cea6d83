import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endGroupOnAbort, killGroup } from '../model/process-group.ts';
import { forwardOutput } from './forward-output.ts';
import type { StepOutput } from './output.ts';
import { Tail } from './tail.ts';

/** Bytes of stdout that are kept for the result, the last JSON object. */
export const maxResultBytes = 1024 * 1024;
const maxErrorBytes = 16 * 1024;

export interface Program {
  command: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Text for its stdin, which is then closed. */
  stdin: string;
}

export interface ProgramEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Tail;
  stderr: Tail;
}

/**
 * Runs a program in a process group of its own and forwards its output at once; when it has ended, its remaining processes in
 * the group are killed. An abort ends the group: SIGTERM, then SIGKILL. Throws when the program cannot be started.
 */
export async function runProgram(program: Program, output: StepOutput, signal: AbortSignal): Promise<ProgramEnd> {
  const child = spawn(program.command, program.args, { cwd: program.cwd, env: program.env, detached: true });
  const exit = once(child, 'exit');
  const stdout = new Tail(maxResultBytes);
  const stderr = new Tail(maxErrorBytes);
  const streams = [
    forwardOutput(child.stdout, stdout, (chunk) => output.write('out', chunk)),
    forwardOutput(child.stderr, stderr, (chunk) => output.write('err', chunk)),
  ];
  // A program may ignore its stdin.
  child.stdin.on('error', () => {});
  child.stdin.end(program.stdin);
  const removeListener = endGroupOnAbort(child.pid, signal);
  try {
    const [code, killedBy] = (await exit) as [number | null, NodeJS.Signals | null];
    killGroup(child.pid, 'SIGKILL');
    for (const stream of streams) stream.settle();
    await Promise.all(streams.map((stream) => stream.done));
    return { code, signal: killedBy, stdout, stderr };
  } finally {
    removeListener();
  }
}
