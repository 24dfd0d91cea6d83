import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Docker from 'dockerode';
import { isBuildable } from '../../../src/model/plugin.ts';
import { ensureBaseImage } from '../../../src/programs/embedded/base-image.ts';
import { createReadInfo } from '../../../src/services/plugins/read-info.ts';

const docker = new Docker();
let directory: string;
let image: string;
let asked = 0;
/** Part of the names of this test's programs, as other tests run at the same time. */
const mine = randomBytes(4).toString('hex');

beforeAll(async () => {
  image = await ensureBaseImage({}, docker, () => undefined);
  directory = await mkdtemp(join(tmpdir(), 'brightbird-info-'));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  const filters = { label: ['brightbird.dev/role=plugin-info'] };
  const left = await docker.listContainers({ all: true, filters });
  expect(left.filter(({ Command }) => Command.includes(mine))).toEqual([]);
});

async function info(script: string, checksum = `sum-${asked}`) {
  const file = join(directory, `program-${mine}-${asked}`);
  await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const readInfo = createReadInfo({
    docker,
    cacheDirectory: join(directory, 'cache'),
    image: async () => {
      asked += 1;
      return image;
    },
  });
  return readInfo(file, checksum);
}
const description = (version = 'v1.2.3') =>
  `[ "$1" = info ] && echo '{"name": "mine", "version": "${version}", "pluginType": "Exec", "extra": 1}'`;

describe("a program's info", () => {
  test('is read from its output in a container without network and write access', async () => {
    const closed =
      'touch /x 2>/dev/null && exit 5; touch /plugin/x 2>/dev/null && exit 6; [ "$(ls /sys/class/net)" = lo ] || exit 7';
    expect(await info(`${closed}; echo log >&2; ${description('release v1.2.3-rc')}`)).toMatchObject({
      name: 'mine',
      version: 'v1.2.3',
      inputSchema: { type: 'object' },
    });
  });

  test('may have null and empty strings for missing values, as programs in Go print them', async () => {
    const nothing = '"repo": "", "imageTarget": "", "buildScript": "", "labels": null, "inputSchema": null';
    const def = await info(`echo '{"name": "go", "version": "v1.0.0", "pluginType": "Exec", ${nothing}}'`, 'go');
    expect(def).toMatchObject({ labels: [], inputSchema: { type: 'object' } });
    expect(isBuildable(def)).toBe(false);
  });

  test('is read once for each checksum', async () => {
    const before = asked;
    const first = await info(description(), 'same');
    const second = await info('exit 1', 'same');
    expect(second).toEqual(first);
    expect(asked - before).toBe(1);
    expect((await readdir(join(directory, 'cache'))).filter((name) => !name.endsWith('.json'))).toEqual([]);
  });

  test.each([
    ['exits with an error', 'echo no such option >&2; exit 2', /exit code 2: no such option/],
    ['does not print JSON', 'echo hello', /printed "hello\\n" instead of a JSON object/],
    ['does not describe a plugin', 'echo \'{"name": "x y", "version": "v1.0.0", "pluginType": "Exec"}\'', /name/],
    ['prints without end', 'yes', /printed more than 1024 KB/],
    ['uses too much memory', 'node -e "Buffer.alloc(6e8, 1)"', /used more than 256 MB/],
    ['does not end', 'sleep 100', /did not end within 10 s/],
  ])(
    'is refused with the reason when the program %s',
    async (_title, script, reason) => {
      await expect(info(script, `bad-${asked}`)).rejects.toMatchObject({
        code: 'plugin_invalid',
        message: expect.stringMatching(reason),
      });
    },
    30_000,
  );

  test('names the missing interpreter when the image lacks the language of a script', async () => {
    await expect(info('exec python3 no-such-file', 'python')).rejects.toMatchObject({
      message: expect.stringMatching(/exit code 127: .*python3/),
      hint: expect.stringContaining(image),
    });
  });

  test('is refused with the system error when the interpreter of the file is missing', async () => {
    const file = join(directory, 'no-program');
    await writeFile(file, '#!/no/such/interpreter\n', { mode: 0o755 });
    const readInfo = createReadInfo({ docker, cacheDirectory: join(directory, 'cache'), image: async () => image });
    await expect(readInfo(file, 'none')).rejects.toMatchObject({
      code: 'plugin_invalid',
      message: expect.stringMatching(/no such file/),
      hint: expect.stringContaining(`the runner's image, ${image}`),
    });
  });
});
