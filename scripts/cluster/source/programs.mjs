import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { logs, network, runFolder } from './settings.mjs';

const stopTimeoutMs = 15_000;
const pidFile = (name) => join(runFolder, `${name}.pid`);

/** Starts a program that outlives this one, by default inside the cluster's network. Writes its output to `logs`. */
export async function start(name, command, args, { inside = true } = {}) {
  mkdirSync(logs, { recursive: true });
  const file = openSync(join(logs, `${name}.log`), 'w');
  const line = inside ? ['nsenter', `--net=${network.namespace}`, command, ...args] : [command, ...args];
  const child = spawn(line[0], line.slice(1), { detached: true, stdio: ['ignore', file, file] });
  child.unref();
  await writeFile(pidFile(name), `${child.pid} ${command}`);
}

/** Waits until `holds` returns true while the program runs. Throws an error with the last lines of its log. */
export async function ready(name, holds, seconds = 90) {
  for (const deadline = performance.now() + seconds * 1000; performance.now() < deadline; await delay(200)) {
    if (await holds()) return;
    if (!(await running(name))) break;
  }
  const log = await readFile(join(logs, `${name}.log`), 'utf8').catch(() => '');
  const last = log.trim().split('\n').slice(-5).join('\n');
  throw new Error(`${name} did not start:\n${last}\nsee its log ${join(logs, `${name}.log`)}`);
}

/** Returns the pid of a started program; undefined when it has ended, or its pid was reused. */
async function running(name) {
  const [pid = '', command = ''] = (await readFile(pidFile(name), 'utf8').catch(() => '')).split(' ');
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return pid !== '' && line.includes(command) ? Number(pid) : undefined;
}

/** Asks a program to stop, kills it after a timeout, and waits until it has ended. */
export async function stop(name) {
  const killAt = performance.now() + stopTimeoutMs;
  for (let asked = false; ; await delay(100)) {
    const pid = await running(name);
    if (pid === undefined) break;
    if (!asked) process.kill(pid, 'SIGTERM');
    else if (performance.now() > killAt) process.kill(pid, 'SIGKILL');
    asked = true;
  }
  await rm(pidFile(name), { force: true });
}

/** Kills leftovers of a killed program: processes with `text` in their command line, such as containerd's shims. */
export function killAll(text) {
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)) process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has already ended.
    }
  }
}
