import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { ensureBaseImage } from '../../../src/programs/embedded/base-image.ts';
import { type BaseFiles, collectBaseFiles } from '../../../src/programs/embedded/base-image-files.ts';
import { importBaseImage } from '../../../src/programs/embedded/import-base-image.ts';
import { pullImage } from '../../../src/programs/embedded/pull-image.ts';

const docker = new Docker();
const tag = `brightbird-test/base:${randomBytes(6).toString('hex')}`;
let files: BaseFiles;

beforeAll(async () => {
  const collected = await collectBaseFiles();
  if (typeof collected === 'string') throw new Error(collected);
  files = collected;
  await importBaseImage(docker, tag, files.files);
});
afterAll(() => docker.getImage(tag).remove());

/** Runs `command` in a container of the image. Returns its output. */
async function output(command: string[], user = ''): Promise<string> {
  const container = await docker.createContainer({ Image: tag, Cmd: command, User: user, Tty: true });
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true, stderr: true })).toString().replaceAll('\r\n', '\n').trim();
  } finally {
    await container.remove({ force: true });
  }
}

test('the imported image runs Node 24 and scripts with an env shebang', async () => {
  expect(await output(['node', '--version'])).toBe(process.version);
  expect(
    await output([
      'sh',
      '-c',
      'printf "#!/usr/bin/env node\\nconsole.log(String(6*7))" > /tmp/x; chmod +x /tmp/x; /tmp/x',
    ]),
  ).toBe('42');
});

test('the imported image has the user node with id 1000, its own home and a writable /tmp', async () => {
  const script = 'id -un; id -u; touch $HOME/file /tmp/file && echo written';
  expect(await output(['sh', '-c', script], 'node')).toBe('node\n1000\nwritten');
});

test('Node in the imported image resolves host names', async () => {
  const script = "require('dns').lookup('localhost', (error, address) => console.log(error ?? address))";
  expect(await output(['node', '-e', script])).toMatch(/^(127\.0\.0\.1|::1)$/);
});

test('wget in the imported image downloads from an address and a name, with and without a timeout', async () => {
  const fetches = ['http://127.0.0.1:8080/', 'http://localhost:8080/', '-T 3 -t 1 http://127.0.0.1:8080/']
    .flatMap((args) => [`wget -q -O - ${args}`, `timeout 9 wget -q -O - ${args}`])
    .join('; ');
  const script = `const server = require('http').createServer((_, answer) => answer.end('hello\\n'));
    server.listen(8080, () => require('child_process').exec('${fetches}', (error, out, err) => {
      console.log(out + err);
      server.close();
    }));`;
  expect((await output(['node', '-e', script])).split('\n')).toEqual(Array(6).fill('hello'));
});

test('the same machine gives the same hash, so that the image is imported once', async () => {
  expect(await collectBaseFiles()).toMatchObject({ hash: files.hash });
});

test('ensureBaseImage uses BASE_IMAGE unchanged and reports one line', async () => {
  const lines: string[] = [];
  expect(await ensureBaseImage({ BASE_IMAGE: 'own/base:1' }, docker, (line) => lines.push(line))).toBe('own/base:1');
  expect(lines).toEqual([expect.stringContaining('BASE_IMAGE: own/base:1')]);
});

test('pullImage returns the reason of a failed pull in one line', async () => {
  const refused = await pullImage(docker, '127.0.0.1:9/nowhere:1');
  expect(refused).toMatch(/refused/);
  expect(refused).not.toContain('\n');
});
