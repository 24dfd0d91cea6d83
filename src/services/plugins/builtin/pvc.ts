import type { Plugin } from '../../../model/plugin.ts';

export const pvc: Plugin = {
  name: 'pvc',
  version: 'v1.0.0',
  pluginType: 'Deployer',
  form: 'builtin',
  description: 'Makes a volume of this run that several services can mount; it is removed with the run.',
  inputSchema: {
    type: 'object',
    properties: {
      size: {
        type: 'string',
        pattern: '^[1-9][0-9]*(Ki|Mi|Gi|Ti)$',
        default: '1Gi',
        description: 'what a cluster sets aside for it; a Docker engine has no such limit',
      },
      accessMode: {
        enum: ['ReadWriteOnce', 'ReadWriteMany'],
        default: 'ReadWriteOnce',
        description: 'whether pods on several nodes of a cluster mount it; not every storage class can do so',
      },
    },
    additionalProperties: false,
  },
  outputSchema: {
    type: 'object',
    properties: { name: { type: 'string', description: 'for `volumes` of services' } },
    required: ['name'],
    additionalProperties: false,
  },
  labels: ['builtin'],
};
