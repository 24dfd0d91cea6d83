import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../model/fault.ts';
import { type Guarded, lockedExit, startGuarded } from './guarded.ts';
import { findFreePorts, waitUntilListening } from './ports.ts';
import type { Stage } from './stage.ts';

/** A server program, with its command line for two free ports. */
export interface ServerProgram {
  title: string;
  /** Folder of the server's lock and its log `<name>.log`. */
  folder: string;
  name: string;
  command(port: number, secondPort: number): string[];
}

export interface ServerPorts {
  port: number;
  secondPort: number;
}

export interface StartedServer extends ServerPorts {
  /** Path of the server's log. */
  log: string;
  /** Resolves with the exit code when the server has ended, for whatever reason. */
  ended: Promise<number>;
  stop(): Promise<void>;
  /** Kills the server, for one that hangs. */
  kill(): Promise<void>;
}

/** Long, as the JVM and a large SQLite file load slowly on a busy machine. */
const startTimeoutMs = 60_000;

/**
 * Starts a server on a free port of 127.0.0.1 and waits until it listens. Returns undefined when it does not, and adds the
 * reason to the stage. Throws `conflict` when a server of another program locks the folder for longer than 15 s.
 */
export async function startServer(program: ServerProgram, stage: Stage): Promise<StartedServer | undefined> {
  await mkdir(program.folder, { recursive: true });
  let started = await startOn(await choosePorts(), program);
  // Another process may take the port before the server does: retry once.
  if (typeof started === 'string' && /address already in use/i.test(started)) {
    started = await startOn(await choosePorts(), program);
  }
  if (typeof started !== 'string') return started;
  stage.addAttempt(started);
  return undefined;
}

/** Restarts a server on its old ports, which its clients know. Returns as `startServer`. */
export async function restartServer(
  program: ServerProgram,
  ports: ServerPorts,
  stage: Stage,
): Promise<StartedServer | undefined> {
  const started = await startOn(ports, program);
  if (typeof started !== 'string') return started;
  stage.addAttempt(started);
  return undefined;
}

async function choosePorts(): Promise<ServerPorts> {
  const [port = 0, secondPort = 0] = await findFreePorts(2);
  return { port, secondPort };
}

async function startOn({ port, secondPort }: ServerPorts, program: ServerProgram): Promise<StartedServer | string> {
  const log = join(program.folder, `${program.name}.log`);
  const server = await startGuarded(program.command(port, secondPort), { lock: join(program.folder, 'lock'), log });
  if (!(await waitUntilListening(port, server.exited, startTimeoutMs))) return stopFailed(server, program);
  return { port, secondPort, log, ended: server.exited, stop: server.stop, kill: server.kill };
}

/** Stops a server that did not listen, and returns the reason. */
async function stopFailed(server: Guarded, program: ServerProgram): Promise<string> {
  await server.stop();
  const code = await server.exited;
  if (code === lockedExit) {
    throw new Fault('conflict', `another server uses ${program.folder}`, {
      hint: 'stop it, or set BRIGHTBIRD_HOME to another directory',
    });
  }
  return `${program.title} did not start (exit ${code}): ${await server.lastLines()}`;
}
