import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { aptInstall, cache, debianRoot, exists, find, stage, withLock } from './tools.mjs';

const socket = '/var/run/docker.sock';
const log = '/var/log/brightbird-dockerd.log';
const fixHint = 'install and start Docker (https://docs.docker.com/engine/install/), or set DOCKER_HOST to an engine';

/** Options to try: containers and small machines may lack overlayfs or iptables. */
const variants = [[], ['--storage-driver=vfs'], ['--iptables=false'], ['--storage-driver=vfs', '--iptables=false']];

/** Keeps BuildKit from truncating the output of a step. The maximum values, as Docker 20.10 treats -1 as a limit. */
const fullOutput = { BUILDKIT_STEP_LOG_MAX_SIZE: '2147483647', BUILDKIT_STEP_LOG_MAX_SPEED: '2147483647' };

/**
 * Ensures a running Docker engine, unless DOCKER_HOST is set. On Debian as root, installs and starts it. Leaves it running: it
 * is part of the machine.
 */
export async function ensureDocker() {
  if (process.env.DOCKER_HOST || (await isRunning())) return;
  const line = stage('docker');
  line.tried('no running engine');
  if (!(await debianRoot())) throw line.failed('this is not Debian as root', fixHint);
  await withLock(join(cache, 'docker.lock'), async () => {
    if (await isRunning()) return;
    if (!(await find('dockerd'))) {
      line.begins('installing docker.io with apt-get');
      await aptInstall('docker.io').catch((error) => {
        throw line.failed(error.message, fixHint);
      });
      line.tried('docker.io installed');
    }
    for (const options of variants) {
      // The package may have started the engine already.
      const failure = (await isRunning()) ? undefined : await start(options);
      if (!failure) return line.done(['dockerd started', ...options].join(' '));
      line.tried(`dockerd ${options.join(' ')}: ${failure}`);
    }
    throw line.failed('the engine does not start', `see its log ${log}; ${fixHint}`);
  });
}

/** Starts the engine. Returns undefined once it responds, else its last log lines. */
async function start(options) {
  const file = openSync(log, 'w');
  const env = { ...fullOutput, ...process.env };
  const engine = spawn('dockerd', options, { detached: true, stdio: ['ignore', file, file], env });
  engine.unref();
  let hasEnded = false;
  engine.once('exit', () => {
    hasEnded = true;
  });
  engine.once('error', () => {
    hasEnded = true;
  });
  for (const deadline = performance.now() + 30_000; !hasEnded && performance.now() < deadline; await delay(100)) {
    if (await isRunning()) return undefined;
  }
  if (!hasEnded) engine.kill('SIGTERM');
  return (await readFile(log, 'utf8')).trim().split('\n').slice(-2).join(' ');
}

/** Returns true when an engine responds on the default socket within 3 s. */
async function isRunning() {
  const own = join(homedir(), '.docker', 'run', 'docker.sock');
  const socketPath = (await exists(own)) ? own : socket;
  return new Promise((resolve) => {
    const probe = httpRequest({ socketPath, path: '/_ping', timeout: 3000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.on('timeout', () => probe.destroy());
    probe.on('error', () => resolve(false));
    probe.end();
  });
}
