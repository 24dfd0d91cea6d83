import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSecrets } from '../../../src/services/secrets/read-secrets.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'brightbird-secrets-'));
  await writeFile(join(directory, 'token'), 'a-token\n');
  await writeFile(join(directory, 'key'), '--begin--\nabcd\n--end--\n\n');
  await writeFile(join(directory, 'short'), 'abc\n');
  await writeFile(join(directory, 'huge'), 'x'.repeat(64 * 1024 + 1));
  await mkdir(join(directory, 'folder'));
  // As the kubelet mounts a Secret.
  await mkdir(join(directory, '..2026'));
  await writeFile(join(directory, '..2026/mounted'), 'from a cluster');
  await symlink('..2026/mounted', join(directory, 'mounted'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('the store of secrets', () => {
  test('gives the content of the files that are asked for, without the newline at their end', async () => {
    expect(await readSecrets(directory, ['token', 'key', 'mounted'])).toEqual({
      token: 'a-token',
      key: '--begin--\nabcd\n--end--\n',
      mounted: 'from a cluster',
    });
    expect(await readSecrets(join(directory, 'nowhere'), [])).toEqual({});
  });

  test.each([
    [
      'that is not there',
      'tokem',
      'the secret "tokem" is not in the store of secrets',
      expect.stringContaining('did you mean "token"?'),
    ],
    ['that is too short to be masked', 'short', /has no 4 characters in a line/, expect.any(String)],
    ['that is too large', 'huge', /larger than 64 KB/, expect.any(String)],
    ['that is no file', 'folder', /cannot be read: EISDIR/, expect.any(String)],
  ])('refuses one %s', async (_, name, message, hint) => {
    await expect(readSecrets(directory, ['token', name])).rejects.toMatchObject({
      code: 'secret_invalid',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
      hint,
    });
  });

  test('that is not there says so', async () => {
    await expect(readSecrets(join(directory, 'nowhere'), ['token'])).rejects.toMatchObject({
      hint: 'there are no secrets; docs/guides/secrets.md says how one is added',
    });
  });
});
