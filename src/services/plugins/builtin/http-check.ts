import type { Plugin } from '../../../model/plugin.ts';

export const httpCheck: Plugin = {
  name: 'http-check',
  version: 'v1.0.0',
  pluginType: 'Exec',
  form: 'builtin',
  description: 'Makes an HTTP request and compares the response with the expected one. Redirects are not followed.',
  inputSchema: {
    type: 'object',
    properties: {
      url: { type: 'string', description: 'like http://greeter:8080/hello' },
      method: { type: 'string', pattern: '^[A-Z]+$', default: 'GET' },
      headers: { type: 'object', additionalProperties: { type: 'string' } },
      body: { type: 'string', description: 'body of the request' },
      expect: {
        type: 'object',
        properties: {
          status: { type: 'integer', minimum: 100, maximum: 599, description: 'default: any 2xx' },
          body: { type: 'string', description: 'the whole body' },
          bodyContains: { type: 'string' },
          json: { description: 'objects may have more members, everything else must be equal' },
        },
        additionalProperties: false,
      },
      retries: { type: 'integer', minimum: 0, maximum: 1000, default: 0, description: 'retries after the first try' },
      retryDelaySeconds: { type: 'number', minimum: 0, maximum: 3600, default: 1 },
      timeoutSeconds: { type: 'number', exclusiveMinimum: 0, maximum: 3600, default: 10, description: 'of one try' },
    },
    required: ['url'],
    additionalProperties: false,
  },
  outputSchema: {
    type: 'object',
    properties: {
      status: { type: 'integer' },
      headers: { type: 'object', additionalProperties: { type: 'string' } },
      body: { type: 'string', description: 'at most the first 16 KB' },
      json: { description: 'the body, where it is JSON of at most 16 KB' },
      durationMs: { type: 'integer' },
    },
  },
  labels: ['builtin'],
};
