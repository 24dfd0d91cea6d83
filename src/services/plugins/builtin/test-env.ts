import type { Plugin } from '../../../model/plugin.ts';

export const testEnv: Plugin = {
  name: 'test-env',
  version: 'v1.0.0',
  pluginType: 'Exec',
  form: 'builtin',
  description: 'Returns the globals of the run, and fails when a required global is missing.',
  inputSchema: {
    type: 'object',
    properties: {
      required: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        uniqueItems: true,
        default: [],
        description: 'names of required globals',
      },
    },
    additionalProperties: false,
  },
  outputSchema: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
  labels: ['builtin'],
};
