import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../model/fault.ts';
import { type Guarded, lockedExit, startGuarded } from './guarded.ts';
import { freePorts, listening } from './ports.ts';
import type { Stage } from './stage.ts';

/** A server program and how its command line is made from the two free ports that it may use. */
export interface ServerProgram {
  title: string;
  /** Holds the server's lock and its log `<name>.log`. */
  folder: string;
  name: string;
  command(port: number, secondPort: number): string[];
}

export interface StartedServer {
  port: number;
  secondPort: number;
  /** Resolves when the server has ended, asked or not. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** For one start: the JVM and a large SQLite file need their time on a busy machine. */
const startTimeout = 60_000;

/**
 * Starts a server on a free port of 127.0.0.1 and waits until it listens. Undefined when it does not; the stage then
 * holds the reason. Throws `conflict` when another program's server holds the folder for longer than 15 s.
 */
export async function startServer(program: ServerProgram, stage: Stage): Promise<StartedServer | undefined> {
  await mkdir(program.folder, { recursive: true });
  // A port can be taken between its choice and its use: then once more.
  for (const attempt of [1, 2]) {
    const [port = 0, secondPort = 0] = await freePorts(2);
    const files = { lock: join(program.folder, 'lock'), log: join(program.folder, `${program.name}.log`) };
    const server = await startGuarded(program.command(port, secondPort), files);
    if (await listening(port, server.exited, startTimeout)) {
      return { port, secondPort, ended: server.exited.then(() => undefined), stop: server.stop };
    }
    const failure = await failed(server, program);
    if (attempt === 1 && /address already in use/i.test(failure)) continue;
    stage.tried(failure);
  }
  return undefined;
}

async function failed(server: Guarded, program: ServerProgram): Promise<string> {
  await server.stop();
  const code = await server.exited;
  if (code === lockedExit) {
    throw new Fault('conflict', `another program's server uses ${program.folder}`, {
      hint: 'stop it, or set BRIGHTBIRD_HOME to another directory',
    });
  }
  return `${program.title} did not start (exit ${code}): ${await server.lastLines()}`;
}
