import type { Plugin } from '../../../model/plugin.ts';

export const bash: Plugin = {
  name: 'bash',
  version: 'v1.0.0',
  pluginType: 'Exec',
  form: 'builtin',
  description:
    'Runs a script with bash, or sh where there is none. $1 is the context of the run as JSON; the last JSON object that it prints is its output.',
  inputSchema: {
    type: 'object',
    properties: {
      script: { type: 'string', minLength: 1, description: 'the script; it succeeds when it ends with 0' },
      env: {
        type: 'object',
        propertyNames: { pattern: '^[^=]+$', description: 'the name of a variable is not empty and has no =' },
        additionalProperties: { type: 'string' },
        description: 'environment variables',
      },
    },
    required: ['script'],
    additionalProperties: false,
  },
  outputSchema: { type: 'object' },
  labels: ['builtin'],
};
