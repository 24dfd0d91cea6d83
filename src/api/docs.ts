import { html } from 'hono/html';
import manifest from '../../package.json' with { type: 'json' };
import type { Api } from './env.ts';

type Document = ReturnType<Api['getOpenAPI31Document']>;

const style = 'body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}td{padding:.2em 1em .2em 0}';

/** Adds `/openapi.json`, and `/docs` as a page that lists it without any script. */
export function addDocs(api: Api, secured: boolean): void {
  const schemes = api.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  const describe = (): Document =>
    api.getOpenAPI31Document({
      openapi: '3.1.0',
      info: { title: 'BrightBird', version: manifest.version, description: manifest.description },
      ...(secured && { security: [{ [schemes.name]: [] }] }),
    });
  api.get('/openapi.json', (c) => c.json(describe()));
  api.get('/docs', (c) => c.html(page(describe())));
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
