import { OpenAPIHono } from '@hono/zod-openapi';
import { expect, test } from '@jest/globals';
import type { ApiEnv } from '../../../src/programs/api/env.ts';
import { listen } from '../../../src/programs/api/listen.ts';

test('an idle connection is kept for longer than proxies keep it, so that they close it', async () => {
  const api = new OpenAPIHono<ApiEnv>();
  api.get('/', (c) => c.text('here'));
  const { url, stop } = await listen(api, { HOST: '127.0.0.1', PORT: 0 });
  try {
    const response = await fetch(url);
    expect(await response.text()).toBe('here');
    const [, seconds] = /timeout=(\d+)/.exec(response.headers.get('keep-alive') ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThan(60);
  } finally {
    await stop();
  }
});
