#!/usr/bin/env node
import { definePlugin } from '@brightbird/plugin-kit';

await definePlugin({
  name: 'response-time',
  version: 'v1.0.0',
  pluginType: 'Exec',
  description: 'Asks a URL several times, and fails when the median answer takes too long.',
  inputSchema: {
    type: 'object',
    properties: { url: { type: 'string' }, times: { type: 'integer', default: 5 }, limitMs: { type: 'number' } },
    required: ['url', 'limitMs'],
  },
  outputSchema: { type: 'object', properties: { medianMs: { type: 'number' } } },
  async run({ url, times, limitMs }: { url: string; times: number; limitMs: number }) {
    const took: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const start = performance.now();
      const response = await fetch(url);
      await response.arrayBuffer();
      took.push(performance.now() - start);
      console.log(`${response.status} after ${took.at(-1)?.toFixed(1)} ms`);
    }
    const medianMs = took.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0;
    if (medianMs > limitMs) throw new Error(`the median is ${medianMs.toFixed(1)} ms, over ${limitMs} ms`);
    return { medianMs };
  },
});
