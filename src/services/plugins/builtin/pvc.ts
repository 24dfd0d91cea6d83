import type { Plugin } from '../../../model/plugin.ts';

export const pvc: Plugin = {
  name: 'pvc',
  version: 'v1.0.0',
  pluginType: 'Deployer',
  form: 'builtin',
  description: 'Creates a volume for this run that several services can mount; it is removed with the run.',
  inputSchema: {
    type: 'object',
    properties: {
      size: {
        type: 'string',
        pattern: '^[1-9][0-9]*(Ki|Mi|Gi|Ti)$',
        default: '1Gi',
        description: 'requested size in a cluster; ignored on Docker',
      },
      accessMode: {
        enum: ['ReadWriteOnce', 'ReadWriteMany'],
        default: 'ReadWriteOnce',
        description: 'ReadWriteMany lets pods on several nodes mount it, if the storage class supports it',
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
