import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endGroupAtAbort, killGroup } from '../model/process-group.ts';
import type { StepOutput } from './output.ts';
import { passOn } from './pass-on.ts';
import { Tail } from './tail.ts';

/** Bytes of stdout kept for the result, which is its last JSON. */
export const resultLimit = 1024 * 1024;
const errorLimit = 16 * 1024;

export interface Program {
  command: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Written to its stdin, which is then closed. */
  stdin: string;
}

export interface ProgramEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Tail;
  stderr: Tail;
}

/**
 * Runs a program in a process group of its own and passes its output on as it comes; when it has ended, what it left
 * running in its group is killed. An abort ends the group: SIGTERM, then SIGKILL. Throws when it cannot be started.
 */
export async function runProgram(program: Program, output: StepOutput, signal: AbortSignal): Promise<ProgramEnd> {
  const child = spawn(program.command, program.args, { cwd: program.cwd, env: program.env, detached: true });
  const exit = once(child, 'exit');
  const stdout = new Tail(resultLimit);
  const stderr = new Tail(errorLimit);
  const streams = [
    passOn(child.stdout, stdout, (chunk) => output.write('out', chunk)),
    passOn(child.stderr, stderr, (chunk) => output.write('err', chunk)),
  ];
  // A program that does not read its stdin is no error.
  child.stdin.on('error', () => {});
  child.stdin.end(program.stdin);
  const letGo = endGroupAtAbort(child.pid, signal);
  try {
    const [code, by] = (await exit) as [number | null, NodeJS.Signals | null];
    killGroup(child.pid, 'SIGKILL');
    for (const stream of streams) stream.settle();
    await Promise.all(streams.map((stream) => stream.done));
    return { code, signal: by, stdout, stderr };
  } finally {
    letGo();
  }
}
