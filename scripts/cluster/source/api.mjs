import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { paths } from './files.mjs';
import { apiServer } from './settings.mjs';

/** Sends a request to the API server as administrator. Returns status and body; status 0 when it is unreachable. */
export async function ask(token, method, path, body) {
  const ca = await readFile(paths.certificate).catch(() => undefined);
  if (!ca) return { status: 0 };
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const asking = request(`${apiServer}${path}`, { method, ca, headers, timeout: 5000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve({ status: 0 }));
    asking.end(body && JSON.stringify(body));
  });
}

/** Returns the token of the last started cluster, or ''. */
export const storedToken = async () => (await readFile(paths.tokens, 'utf8').catch(() => '')).split(',')[0];
