import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { etag } from 'hono/etag';
import type { Api } from '../env.ts';
import { describeApi } from '../reference/document.ts';
import { errorsPage, referencePage } from '../reference/pages.ts';
import { serveOnce } from '../reference/serve-once.ts';

/** Allows only scripts of and connections to this server; `data:` is for icons in the style sheet of Swagger UI. */
export const docsPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};
const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};
const { resolve } = createRequire(import.meta.url);

/** Adds `/openapi.json`, the API reference at `/docs`, and `/docs/errors`. They need no token, as they contain no data. */
export function addDocs(api: Api, secured: boolean): void {
  for (const path of ['/openapi.json', '/docs', '/docs/*']) api.use(path, etag());
  // All routes exist before the first request.
  const document = () => JSON.stringify(describeApi(api, secured));
  const file = (path: string) => () => readFile(path, 'utf8');
  api.get('/openapi.json', serveOnce('application/json', document));
  api.get('/docs', serveOnce(types.html, referencePage));
  api.get('/docs/errors', serveOnce(types.html, errorsPage));
  const own = (name: string) => join(import.meta.dirname, '../reference/assets', name);
  const swagger = (name: string) => resolve(`swagger-ui-dist/${name}`);
  const files = [own('page.css'), own('start.js'), swagger('swagger-ui.css'), swagger('swagger-ui-bundle.js')];
  for (const path of files) {
    const type = path.endsWith('.css') ? types.css : types.js;
    api.get(`/docs/${basename(path)}`, serveOnce(type, file(path)));
  }
}
