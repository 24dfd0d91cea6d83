import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../model/fault.ts';
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

export interface ServerPorts {
  port: number;
  secondPort: number;
}

export interface StartedServer extends ServerPorts {
  /** Path of what it prints. */
  log: string;
  /** Resolves with the exit code when the server has ended, asked or not. */
  ended: Promise<number>;
  stop(): Promise<void>;
  /** Ends it at once, as one that hangs. */
  kill(): Promise<void>;
}

/** For one start: the JVM and a large SQLite file need their time on a busy machine. */
const startTimeout = 60_000;

/**
 * Starts a server on a free port of 127.0.0.1 and waits until it listens. Undefined when it does not; the stage then
 * holds the reason. Throws `conflict` when another program's server holds the folder for longer than 15 s.
 */
export async function startServer(program: ServerProgram, stage: Stage): Promise<StartedServer | undefined> {
  await mkdir(program.folder, { recursive: true });
  let started = await startOn(await choosePorts(), program);
  // A port can be taken between its choice and its use: then once more.
  if (typeof started === 'string' && /address already in use/i.test(started)) {
    started = await startOn(await choosePorts(), program);
  }
  if (typeof started !== 'string') return started;
  stage.tried(started);
  return undefined;
}

/** Starts a server again on the ports that its clients know. Undefined as for `startServer`. */
export async function restartServer(
  program: ServerProgram,
  ports: ServerPorts,
  stage: Stage,
): Promise<StartedServer | undefined> {
  const started = await startOn(ports, program);
  if (typeof started !== 'string') return started;
  stage.tried(started);
  return undefined;
}

async function choosePorts(): Promise<ServerPorts> {
  const [port = 0, secondPort = 0] = await freePorts(2);
  return { port, secondPort };
}

async function startOn({ port, secondPort }: ServerPorts, program: ServerProgram): Promise<StartedServer | string> {
  const log = join(program.folder, `${program.name}.log`);
  const server = await startGuarded(program.command(port, secondPort), { lock: join(program.folder, 'lock'), log });
  if (!(await listening(port, server.exited, startTimeout))) return failed(server, program);
  return { port, secondPort, log, ended: server.exited, stop: server.stop, kill: server.kill };
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
