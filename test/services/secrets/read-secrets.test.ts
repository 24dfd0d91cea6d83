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

describe('the secret store', () => {
  test('returns the content of the requested files without a newline at the end', async () => {
    expect(await readSecrets(directory, ['token', 'key', 'mounted'])).toEqual({
      token: 'a-token',
      key: '--begin--\nabcd\n--end--\n',
      mounted: 'from a cluster',
    });
    expect(await readSecrets(join(directory, 'nowhere'), [])).toEqual({});
  });

  test.each([
    [
      'that is missing',
      'tokem',
      'the secret "tokem" is not in the secret store',
      expect.stringContaining('did you mean "token"?'),
    ],
    ['that is too short to be masked', 'short', /has no line of at least 4 characters/, expect.any(String)],
    ['that is too large', 'huge', /larger than 64 KB/, expect.any(String)],
    ['that is not a file', 'folder', /cannot be read: EISDIR/, expect.any(String)],
  ])('refuses a secret %s', async (_, name, message, hint) => {
    await expect(readSecrets(directory, ['token', name])).rejects.toMatchObject({
      code: 'secret_invalid',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
      hint,
    });
  });

  test('reports that it has no secrets', async () => {
    await expect(readSecrets(join(directory, 'nowhere'), ['token'])).rejects.toMatchObject({
      hint: 'there are no secrets; docs/guides/secrets.md says how to add one',
    });
  });
});
