import { html, raw } from 'hono/html';
import { type FaultCode, faultCatalogue } from '../../../model/fault.ts';
import { faultHelp } from '../../../model/fault-help.ts';

type Html = ReturnType<typeof html>;

const page = (title: string, head: Html, main: Html): string =>
  String(html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/page.css">${head}</head>
<body><nav><a href="/docs">API</a><a href="/docs/errors">Error codes</a><a href="/openapi.json">openapi.json</a></nav>
${main}</body>
</html>
`);

/** Returns the page that shows the OpenAPI document, with a form to try each operation. */
export function referencePage(): string {
  return page(
    'BrightBird API',
    html`<link rel="stylesheet" href="/docs/swagger-ui.css">`,
    html`<div id="reference"><main>This page requires JavaScript; see <a href="/openapi.json">openapi.json</a>.</main></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script>`,
  );
}

/** Returns the page of the `type` of every problem: a section per code, with the code as its anchor. */
export function errorsPage(): string {
  const sections = Object.entries(faultCatalogue).map(([code, { status, outcome, retryable }]) => {
    const { meaning, fix } = faultHelp[code as FaultCode];
    const facts = `HTTP ${status} · outcome of a task: ${outcome} · ${retryable ? 'retried' : 'not retried'}`;
    return html`<section id="${code}"><h2><code>${code}</code></h2><p>${facts}</p>
<p>${renderCode(meaning)}</p><p><strong>What to do:</strong> ${renderCode(fix)}</p></section>
`;
  });
  return page(
    'BrightBird error codes',
    html``,
    html`<main class="errors"><h1>Error codes</h1><p>Every error of the API, of a task and of a step has one of these codes.</p>
${sections}</main>`,
  );
}

/** Renders text between backticks as code. */
function renderCode(text: string): Html {
  const parts = text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
  return html`${raw(parts.map(String).join(''))}`;
}
