import { etag } from 'hono/etag';
import { html } from 'hono/html';
import manifest from '../../../../package.json' with { type: 'json' };
import type { Api } from '../env.ts';

type Document = ReturnType<Api['getOpenAPI31Document']>;

const style = 'body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}td{padding:.2em 1em .2em 0}';

/** Adds `/openapi.json`, and `/docs` as a page that lists it without any script; both are made once, with an ETag (RFC 9110, 8.8.3). */
export function addDocs(api: Api, secured: boolean): void {
  const schemes = api.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  const describe = (): Document =>
    api.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'BrightBird', version: manifest.version, description: manifest.description },
      ...(secured && { security: [{ [schemes.name]: [] }] }),
    });
  // All routes are there when somebody asks first, and none comes later.
  const document = once(describe);
  const json = once(() => JSON.stringify(document()));
  const listing = once(async () => String(await page(document())));
  api.use('/openapi.json', etag());
  api.use('/docs', etag());
  api.get('/openapi.json', (c) => c.body(json(), 200, { 'Content-Type': 'application/json' }));
  api.get('/docs', async (c) => c.html(await listing()));
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function page({ info, paths }: Document) {
  const rows = Object.entries(paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, { summary?: string }>).map(
      ([method, { summary }]) =>
        html`<tr><td><code>${method.toUpperCase()}</code></td><td><code>${path}</code></td><td>${summary}</td></tr>`,
    ),
  );
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${info.title} API</title><style>${style}</style></head>
<body><h1>${info.title} ${info.version}</h1><p>${info.description}.
All of it, with schemas: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1).</p><table>${rows}</table></body></html>`;
}
