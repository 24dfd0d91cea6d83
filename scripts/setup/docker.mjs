import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { alone, aptInstall, cache, debianRoot, exists, find, stage } from './tools.mjs';

const socket = '/var/run/docker.sock';
const log = '/var/log/brightbird-dockerd.log';
const byHand = 'install and start Docker (https://docs.docker.com/engine/install/), or set DOCKER_HOST to an engine';

/** In containers and small machines overlayfs or iptables may be refused; each is tried without. */
const variants = [[], ['--storage-driver=vfs'], ['--iptables=false'], ['--storage-driver=vfs', '--iptables=false']];

/** BuildKit cuts off the output of a step otherwise; the largest numbers that it takes, as to Docker 20.10 -1 is a limit too. */
const wholeOutput = { BUILDKIT_STEP_LOG_MAX_SIZE: '2147483647', BUILDKIT_STEP_LOG_MAX_SPEED: '2147483647' };

/**
 * A Docker engine that answers; nothing to do with DOCKER_HOST. On Debian as root it is installed and started, and left
 * running: it is part of the machine.
 */
export async function ensureDocker() {
  if (process.env.DOCKER_HOST || (await answers())) return;
  const line = stage('docker');
  line.tried('no engine answers');
  if (!(await debianRoot())) throw line.failed('this is not Debian as root', byHand);
  await alone(join(cache, 'docker.lock'), async () => {
    if (await answers()) return;
    if (!(await find('dockerd'))) {
      line.begins('installing docker.io with apt-get');
      await aptInstall('docker.io').catch((error) => {
        throw line.failed(error.message, byHand);
      });
      line.tried('docker.io installed');
    }
    for (const options of variants) {
      // The package may have started the engine already.
      const failure = (await answers()) ? undefined : await start(options);
      if (!failure) return line.done(['dockerd started', ...options].join(' '));
      line.tried(`dockerd ${options.join(' ')}: ${failure}`);
    }
    throw line.failed('the engine does not start', `its log is ${log}; ${byHand}`);
  });
}

/** Undefined once the engine answers, else its last lines. */
async function start(options) {
  const file = openSync(log, 'w');
  const env = { ...wholeOutput, ...process.env };
  const engine = spawn('dockerd', options, { detached: true, stdio: ['ignore', file, file], env });
  engine.unref();
  let ended = false;
  engine.once('exit', () => {
    ended = true;
  });
  engine.once('error', () => {
    ended = true;
  });
  for (const until = performance.now() + 30_000; !ended && performance.now() < until; await delay(100)) {
    if (await answers()) return undefined;
  }
  if (!ended) engine.kill('SIGTERM');
  return (await readFile(log, 'utf8')).trim().split('\n').slice(-2).join(' ');
}

/** True when an engine answers on the default socket within 3 s. */
async function answers() {
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
