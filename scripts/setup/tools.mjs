import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Arguments of Node that run jest with ES modules. */
export const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join(root, 'node_modules/jest/bin/jest.js'),
];

/** The same folder as BRIGHTBIRD_CACHE of src/programs/config.ts. */
export const cache = resolve(
  process.env.BRIGHTBIRD_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'brightbird'),
);

/** Interval of progress lines. */
const progressIntervalMs = 5000;

/** Creates a stage that prints one line, as src/programs/embedded/stage.ts: attempts, outcome, and the time since `stage()`. */
export function stage(name) {
  const startedAt = performance.now();
  const tried = [];
  let ticker;
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
  const line = (text) => `${name.padEnd(12)}${[...tried, text].join('; ')} (${seconds()} s)`;
  const ends = (text) => {
    clearInterval(ticker);
    return line(text);
  };
  return {
    tried: (text) => tried.push(text),
    /** Prints the start of work, and its progress every few seconds. */
    begins(text, progress = () => '') {
      clearInterval(ticker);
      console.log(`${name.padEnd(12)}${text} …`);
      const show = () => console.log(`${name.padEnd(12)}${text} … ${progress()}(${seconds()} s)`);
      ticker = setInterval(show, progressIntervalMs).unref();
    },
    done: (text) => console.log(ends(text)),
    /** Returns the error that ends the set-up, with the attempts and a hint. */
    failed: (text, hint) => new Error(`${ends(text)}\n${' '.repeat(12)}${hint}`),
  };
}

export const exists = (path) =>
  access(path).then(
    () => true,
    () => false,
  );

/** Returns the full path of a program on PATH or in the folders `more`, or undefined. */
export async function find(name, more = []) {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...more]) {
    const path = join(folder, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

/** Runs a command and passes its output to `onOutput`. Returns the output; rejects with its last lines when it fails. */
export function run(command, args, { onOutput, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output = (output + chunk).slice(-20_000);
        onOutput?.(String(chunk));
      });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(output);
      reject(
        new Error(
          `${command} ${args[0] ?? ''} ended with ${signal ?? code}:\n${output.trim().split('\n').slice(-15).join('\n')}`,
        ),
      );
    });
  });
}

/** Returns a response once its headers have arrived. Times out after 3 s, so that a silent network does not stall the set-up. */
export async function request(url, options = {}) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error('no response within 3 s')), 3000);
  try {
    const response = await fetch(url, { ...options, signal: abort.signal });
    if (!response.ok && response.status !== 401) throw new Error(`status ${response.status}`);
    return response;
  } catch (error) {
    throw new Error(`${new URL(url).host}: ${error.cause?.message ?? error.message}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs `work` under the lock `file` of this machine. Takes over the lock of a dead process. */
export async function withLock(file, work) {
  await mkdir(dirname(file), { recursive: true });
  while (!(await tryLock(file))) await delay(200);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function tryLock(file) {
  try {
    await writeFile(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  if (holder > 0 && !isAlive(holder)) await rm(file, { force: true });
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

export const debianRoot = async () => process.getuid?.() === 0 && (await exists('/etc/debian_version'));

let apt = Promise.resolve();
const aptOptions = ['-qq', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::http::ConnectTimeout=3'];

/** Runs apt-get with updated package lists, one at a time, as dpkg has one lock. */
function aptGet(args, options = {}) {
  const work = apt.then(async () => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update', ...aptOptions], { env });
    await run('apt-get', [...args, ...aptOptions], { env, ...options });
  });
  apt = work.catch(() => undefined);
  return work;
}

export const aptInstall = (...names) => aptGet(['install', '-y', ...names]);

/** Downloads a package file into a folder, without installing it. */
export const aptDownload = (name, folder) => aptGet(['download', name], { cwd: folder });
