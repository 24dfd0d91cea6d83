import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { type Header, pack } from 'tar-stream';
import { listen } from '../../../src/programs/api/listen.ts';
import { loadPlugins } from '../../../src/services/plugins/load-plugins.ts';
import { openApi, type TestApi } from '../../support/programs/api/harness.ts';

let api: TestApi;
let count = 0;
let name: string;
beforeAll(async () => {
  api = await openApi();
});
beforeEach(() => {
  count += 1;
  name = `probe-${count}`;
});
afterAll(async () => {
  // No upload may leave temporary files.
  expect(await readdir(join(api.directory, '.staging'))).toEqual([]);
  await api.close();
});

/** Creates a program whose text is its plugin info; `content` makes two programs differ. */
const program = (version = 'v1.0.0', content = '', more: object = {}) =>
  JSON.stringify({ name, version, pluginType: 'Exec', labels: ['brought'], ...more, content });
const yaml = (version = 'v1.0.0') =>
  `name: ${name}\nversion: ${version}\npluginType: Deployer\nservice: {image: x, ports: [{port: 80}]}\n`;

type Entries = (Partial<Header> & { name: string; content?: string })[];
async function tar(entries: Entries): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries) archive.entry(header, content);
  archive.finalize();
  return buffer(archive as unknown as NodeJS.ReadableStream);
}
const plainFolder = (version?: string) => tar([{ name: './plugin.yaml', content: yaml(version) }]);

type Part = string | Buffer;
function form(files: Record<string, Part>, labels: string[] = []): FormData {
  const data = new FormData();
  for (const [file, content] of Object.entries(files)) data.append('plugin', new Blob([content as string]), file);
  for (const label of labels) data.append('label', label);
  return data;
}
const upload = (files: Record<string, Part>, { query = '', labels = [] as string[] } = {}) =>
  api.send(`/api/v1/plugins${query}`, { method: 'POST', body: form(files, labels) });
const uploaded = async () =>
  (await readdir(api.directory, { recursive: true }))
    .filter((file) => file.startsWith(`uploaded/${name}@`) && !file.includes('/', 9))
    .map((file) => file.replace('uploaded/', ''));

describe('an upload', () => {
  test('makes a program available to flows at once', async () => {
    const { status, body } = await upload({ 'probe.sh': program() }, { labels: ['smoke', 'my team'] });
    expect(status).toBe(201);
    expect(body.items).toEqual([
      expect.objectContaining({ name, version: 'v1.0.0', form: 'executable', outcome: 'created' }),
    ]);
    const { file, checksum } = body.items[0];
    expect(file).toBe(`uploaded/${name}@v1.0.0-${checksum.slice(0, 12)}.sh`);
    expect(await readFile(join(api.directory, file), 'utf8')).toBe(program());
    expect((await stat(join(api.directory, file))).mode & 0o777).toBe(0o755);
    const graph = `pipeline: {it: {plugin: ${name}, version: v1.0.0}}`;
    expect((await api.post('/testflows/validate', { graph })).status).toBe(200);
    const known = await api.get(`/plugins/${name}`);
    expect(known.body.labels).toEqual(['brought', 'my team', 'smoke']);
  });

  test.each([
    ['.tar', (archive: Buffer) => archive],
    ['.tar.gz', (archive: Buffer) => gzipSync(archive)],
    ['any name', (archive: Buffer) => gzipSync(archive)],
  ])('stores the folder of plugin.yaml with its templates from an archive as %s', async (ending, packed) => {
    const entries = [
      { name: 'mine/', type: 'directory' as const },
      { name: 'mine/plugin.yaml', content: yaml() },
      { name: 'mine/templates/statefulset.yaml', content: await readFile('templates/statefulset.yaml', 'utf8') },
      { name: 'mine/._plugin.yaml', content: 'what a file manager adds' },
    ];
    const { status, body } = await upload({ [`mine${ending}`]: packed(await tar(entries)) });
    const templateCheck = { checked: false, reason: expect.stringContaining('has no cluster') };
    expect({ status, items: body.items }).toMatchObject({
      status: 201,
      items: [{ name, form: 'declarative', templateCheck }],
    });
    const folder = join(api.directory, body.items[0].file, '..');
    const files = (await readdir(folder, { recursive: true })).sort();
    expect(files).toEqual(['plugin.yaml', 'templates', 'templates/statefulset.yaml']);
  });

  test('stores all of several files', async () => {
    const { status, body } = await upload({
      one: program('v1.0.0'),
      two: program('v1.10.0'),
      three: program('v1.9.0'),
    });
    expect({ status, count: body.items.length }).toEqual({ status: 201, count: 3 });
    const { versions } = (await api.get(`/plugins/${name}`)).body;
    expect(versions.map(({ version }: { version: string }) => version)).toEqual(['v1.10.0', 'v1.9.0', 'v1.0.0']);
  });

  test('changes nothing for an existing version with equal content, under any file name or archive', async () => {
    await upload({ 'probe.sh': program() });
    const again = await upload({ other: program() });
    expect(again).toMatchObject({ status: 200, body: { items: [{ outcome: 'unchanged' }] } });
    expect(await uploaded()).toHaveLength(1);
  });

  test('is rejected for an existing version with other content, unless forced', async () => {
    await upload({ it: program() });
    const refused = await upload({ it: program('v1.0.0', 'other') });
    expect(refused).toMatchObject({ status: 409, body: { code: 'conflict', hint: expect.stringMatching(/force/) } });
    expect(refused.body.detail).toBe(`${name} v1.0.0 already exists with different content`);
    const forced = await upload({ it: program('v1.0.0', 'other') }, { query: '?force=true' });
    expect(forced).toMatchObject({ status: 201, body: { items: [{ outcome: 'replaced' }] } });
    expect(await uploaded()).toHaveLength(1);
    const { file } = (await api.get(`/plugins/${name}/v1.0.0`)).body;
    expect(await readFile(join(api.directory, file), 'utf8')).toBe(program('v1.0.0', 'other'));
  });

  test('treats another template as other content', async () => {
    const usual = await readFile('templates/configmap.yaml', 'utf8');
    const files = (template: string) =>
      tar([
        { name: 'plugin.yaml', content: yaml() },
        { name: 'templates/configmap.yaml', content: `${usual}\n# ${template}\n` },
      ]);
    expect((await upload({ a: await files('a: 1') })).status).toBe(201);
    expect((await upload({ a: await files('a: 2') })).status).toBe(409);
  });

  test('restores a file that was removed or changed in the store', async () => {
    const { body } = await upload({ it: program() });
    await writeFile(join(api.directory, body.items[0].file), 'spoiled');
    expect((await upload({ it: program() })).body.items[0].outcome).toBe('replaced');
    expect(await readFile(join(api.directory, body.items[0].file), 'utf8')).toBe(program());
  });

  test('stores one of several concurrent uploads of a version, and no other file', async () => {
    const contents = ['a', 'a', 'b', 'c', 'c'].map((content) => program('v1.0.0', content));
    const answers = await Promise.all(contents.map((content) => upload({ it: content })));
    const { checksum, file } = (await api.get(`/plugins/${name}/v1.0.0`)).body;
    for (const { status, body } of answers) {
      if (status === 409) continue;
      expect([200, 201]).toContain(status);
      expect(body.items[0].checksum).toBe(checksum);
    }
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await uploaded()).toEqual([file.replace('uploaded/', '')]);
    const forced = await Promise.all(contents.map((content) => upload({ it: content }, { query: '?force=true' })));
    expect(forced.map(({ status }) => status).filter((status) => status > 201)).toEqual([]);
    const last = (await api.get(`/plugins/${name}/v1.0.0`)).body;
    expect(await uploaded()).toEqual([last.file.replace('uploaded/', '')]);
    expect(contents).toContain(await readFile(join(api.directory, last.file), 'utf8'));
  });

  test('streams 50 MB to disk', async () => {
    const server = await listen(api.api, { HOST: '127.0.0.1', PORT: 0, BRIGHTBIRD_ADMIN_TOKEN: undefined });
    const large = program('v1.0.0', 'x'.repeat(50 * 1024 * 1024));
    const response = await fetch(`${server.url}/api/v1/plugins`, { method: 'POST', body: form({ large }) });
    expect(response.status).toBe(201);
    const { items } = (await response.json()) as { items: { file: string }[] };
    expect((await stat(join(api.directory, items[0]?.file ?? ''))).size).toBe(large.length);
    await server.stop();
  });

  test('leaves nothing when its client disconnects halfway', async () => {
    const server = await listen(api.api, { HOST: '127.0.0.1', PORT: 0, BRIGHTBIRD_ADMIN_TOKEN: undefined });
    const headers = { 'content-type': 'multipart/form-data; boundary=b', 'content-length': '1000' };
    const client = httpRequest(`${server.url}/api/v1/plugins`, { method: 'POST', headers });
    client.on('error', () => undefined);
    client.write('--b\r\ncontent-disposition: form-data; name="plugin"; filename="x"\r\n\r\nhalf of it');
    const staged = async (recursive: boolean) => (await readdir(join(api.directory, '.staging'), { recursive })).length;
    while ((await staged(true)) < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    client.destroy();
    while ((await staged(false)) > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await server.stop();
    expect((await api.get(`/plugins/${name}`)).status).toBe(404);
  });
});

describe('an invalid upload is rejected with the reason and leaves nothing', () => {
  const bad = (answer: { status: number; body: { detail: string } }, status: number, detail: RegExp) => {
    expect(answer.body.detail).toMatch(detail);
    expect(answer.status).toBe(status);
  };

  test('an upload with an invalid plugin is rejected as a whole, by file name', async () => {
    const files = { good: program(), bad: '{"name": 1}', 'worse.tgz': 'PK\x03\x04', empty: '' };
    const answer = await upload(files);
    bad(answer, 422, /^bad: .* \(and 2 more files\)$/s);
    expect(answer.body.errors.map(({ file }: { file: string }) => file)).toEqual(['bad', 'worse.tgz', 'empty']);
    expect((await api.get(`/plugins/${name}`)).status).toBe(404);
    expect(await uploaded()).toEqual([]);
  });

  const archives: [string, Entries, RegExp][] = [
    ['an absolute name', [{ name: '/etc/cron.d/x', content: 'x' }], /"\/etc\/cron.d\/x" is absolute/],
    ['a name that leads out', [{ name: 'a/../../x', content: 'x' }], /"a\/..\/..\/x" leads out of its folder/],
    ['a symbolic link', [{ name: 'plugin.yaml', type: 'symlink', linkname: '/etc/passwd' }], /is a symlink/],
    ['a hard link', [{ name: 'plugin.yaml', type: 'link', linkname: '/etc/passwd' }], /is a link/],
    ['a device', [{ name: 'null', type: 'character-device' }], /is a character-device/],
    ['a back slash', [{ name: '..\\x', content: 'x' }], /characters/],
    [
      'one name twice',
      ['1', '2'].map((content) => ({ name: 'plugin.yaml', content })),
      /two entries with the same name/,
    ],
    [
      'a file that is a folder too',
      [
        { name: 'a', content: 'x' },
        { name: 'a/b', content: 'x' },
      ],
      /two entries with the same name/,
    ],
    ['no plugin.yaml', [{ name: 'a/b/plugin.yaml', content: 'x' }], /no plugin.yaml at its top .*; it has a$/],
    ['too many entries', Array.from({ length: 1001 }, (_, at) => ({ name: `f${at}` })), /more than 1000 entries/],
    ['more than 32 MB', [{ name: 'zero', content: '\0'.repeat(33 * 1024 * 1024) }], /exceeds the limit of 32 MB/],
  ];
  test.each(archives)('an archive with %s is rejected', async (_what, entries, detail) => {
    const packed = gzipSync(await tar([...entries]), { level: 1 });
    bad(await upload({ 'a.tgz': packed }), 422, detail);
    expect(await uploaded()).toEqual([]);
  });

  test('an incomplete archive is rejected', async () => {
    const packed = gzipSync(await plainFolder());
    bad(await upload({ 'a.tgz': packed.subarray(0, packed.length - 20) }), 422, /^a.tgz: the archive cannot be read/);
  });

  test('an invalid plugin.yaml is rejected with the line', async () => {
    const archive = await tar([{ name: 'plugin.yaml', content: yaml().replace('image', 'imgae') }]);
    const answer = await upload({ 'a.tar': archive });
    bad(answer, 422, /line 4, column \d+: .*imgae/);
    expect(answer.body.where).toMatchObject({ file: 'a.tar', line: 4 });
  });

  test('an upload that would replace a built-in plugin is rejected', async () => {
    bad(await upload({ it: program('v1.0.0', '', { name: 'pvc' }) }), 409, /pvc v1.0.0 is built in/);
  });

  test('an upload with two files of the same version is rejected', async () => {
    bad(await upload({ a: program(), b: program('v1.0.0', 'b') }), 409, /^b: another file of this upload/);
  });

  test('a form without a file, with unknown fields, too many files or invalid labels is rejected', async () => {
    bad(await upload({}), 400, /no file named plugin/);
    const data = form({ it: program() });
    data.append('colour', 'red');
    bad(await api.send('/api/v1/plugins', { method: 'POST', body: data }), 400, /unknown field colour/);
    bad(await upload({ it: program() }, { labels: ['a/b'] }), 400, /label\[0\]: must be letters/);
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`f${at}`, program(`v1.0.${at}`)]));
    bad(await upload(many), 413, /more than 10 files/);
    bad(await upload({ it: program() }, { query: '?force=maybe' }), 400, /force/);
    expect((await api.get(`/plugins/${name}`)).status).toBe(404);
  });

  test('an incomplete multipart form is rejected', async () => {
    bad(await api.post('/plugins', {}), 415, /multipart/);
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const body = '--b\r\ncontent-disposition: form-data; name="plugin"; filename="x"\r\n\r\nhalf';
    bad(await api.send('/api/v1/plugins', { method: 'POST', headers, body }), 400, /incomplete multipart body/);
    const none = { 'content-type': 'multipart/form-data' };
    bad(await api.send('/api/v1/plugins', { method: 'POST', headers: none, body: 'x' }), 400, /not a multipart form/);
  });

  test('a body over 100 MB is rejected, with or without a length', async () => {
    const type = { 'content-type': 'multipart/form-data; boundary=b' };
    const declared = { ...type, 'content-length': String(101 * 1024 * 1024) };
    const small = { method: 'POST', headers: declared, body: 'x' };
    bad(await api.send('/api/v1/plugins', small), 413, /exceeds the limit of 100 MB/);
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const head = '--b\r\ncontent-disposition: form-data; name="plugin"; filename="x"\r\n\r\n';
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(Buffer.from(head)),
      pull: (controller) => controller.enqueue(chunk),
    });
    const endless = { method: 'POST', headers: type, body, duplex: 'half' } as RequestInit;
    bad(await api.send('/api/v1/plugins', endless), 413, /exceeds the limit of 100 MB/);
  });

  test.each<Record<string, string>>([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ])('a form of a foreign page with %j is rejected', async (headers) => {
    const init = { method: 'POST', headers, body: form({ it: program() }) };
    bad(await api.send('/api/v1/plugins', init), 403, /only serves this machine/);
  });
});

describe('a server that starts while others use the plugin store', () => {
  const log = pino({ level: 'silent' });
  const readInfo = async () => {
    throw new Error('no program needs to be asked');
  };

  test('keeps their uploads without running the programs again', async () => {
    await upload({ it: program() });
    const before = await api.get(`/plugins/${name}`);
    await loadPlugins({ plugins: api.store.plugins, log }, api.directory, readInfo);
    expect((await api.get(`/plugins/${name}`)).body).toEqual(before.body);
  });

  test('keeps their uploads and omits their deletions during its scan', async () => {
    const late = name;
    await writeFile(join(api.directory, `slow-${count}`), 'x', { mode: 0o755 });
    await upload({ it: program('v2.0.0') });
    await loadPlugins({ plugins: api.store.plugins, log }, api.directory, async () => {
      await upload({ it: program('v1.0.0') });
      await api.send(`/api/v1/plugins/${late}/v2.0.0`, { method: 'DELETE' });
      throw new Error('no plugin');
    });
    const { versions } = (await api.get(`/plugins/${late}`)).body;
    expect(versions.map(({ version }: { version: string }) => version)).toEqual(['v1.0.0']);
  });

  test('prefers recorded files to leftovers of a crash', async () => {
    const { body } = await upload({ it: program() });
    const left = join(api.directory, 'uploaded', `${name}@v1.0.0-000000000000`);
    await writeFile(left, program('v1.0.0', 'left'), { mode: 0o755 });
    const info = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
    await loadPlugins({ plugins: api.store.plugins, log }, api.directory, info);
    expect((await api.get(`/plugins/${name}/v1.0.0`)).body.checksum).toBe(body.items[0].checksum);
    await upload({ it: program('v1.0.0', 'next') }, { query: '?force=true' });
    expect(await uploaded()).toHaveLength(1);
  });

  test('scans the store again on request, and lists invalid files', async () => {
    await mkdir(join(api.directory, name));
    await writeFile(join(api.directory, name, 'plugin.yaml'), yaml());
    await mkdir(join(api.directory, 'broken'));
    await writeFile(join(api.directory, 'broken', 'plugin.yaml'), 'name: [');
    const { status, body } = await api.post('/plugins/rescan');
    expect(status).toBe(200);
    expect(body.problems).toContainEqual({ file: 'broken/plugin.yaml', reason: expect.stringMatching(/line 1/) });
    expect((await api.get(`/plugins/${name}/v1.0.0`)).status).toBe(200);
  });
});
