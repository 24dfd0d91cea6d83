import type { Plugin } from '../../../model/plugin.ts';

export const bash: Plugin = {
  name: 'bash',
  version: 'v1.0.0',
  pluginType: 'Exec',
  form: 'builtin',
  description:
    'Runs a script with bash, or with sh if there is no bash. $1 is the context of the run as JSON; the last JSON object that the script prints is its output.',
  inputSchema: {
    type: 'object',
    properties: {
      script: { type: 'string', minLength: 1, description: 'the script; exit code 0 is success' },
      env: {
        type: 'object',
        propertyNames: { pattern: '^[^=]+$', description: 'the name of a variable must not be empty or contain =' },
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
