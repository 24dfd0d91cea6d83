import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect } from '@jest/globals';
import { pack } from 'tar-stream';
import { root } from './run.ts';

/** Returns an archive of the example deploy plugin with another repository as its source. */
export async function greeterPlugin(repositoryUrl: string): Promise<Buffer> {
  const text = await readFile(join(root, 'examples/plugins/greeter-deploy/plugin.yaml'), 'utf8');
  const archive = pack();
  archive.entry({ name: 'plugin.yaml' }, text.replace(/^repo:.*$/m, `repo: ${repositoryUrl}`));
  archive.finalize();
  return buffer(archive as unknown as NodeJS.ReadableStream);
}

/** Uploads a plugin that does not exist on the server. */
export async function uploadPlugin(
  server: { url: string; token: string },
  name: string,
  content: Buffer,
): Promise<void> {
  const body = new FormData();
  body.append('plugin', new Blob([new Uint8Array(content)]), name);
  const headers = { authorization: `Bearer ${server.token}` };
  const response = await fetch(`${server.url}/api/v1/plugins`, { method: 'POST', headers, body });
  expect(await response.json()).toMatchObject({ items: [{ outcome: 'created' }] });
}
