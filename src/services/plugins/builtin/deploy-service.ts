import { z } from 'zod';
import { deployedServiceSchema } from '../../../model/deployed-service.ts';
import type { Plugin } from '../../../model/plugin.ts';
import { deployOutputSchema } from '../deploy-output-schema.ts';

const { $schema: _, ...inputSchema } = z.toJSONSchema(deployedServiceSchema.required({ image: true }), { io: 'input' });

export const deployService: Plugin = {
  name: 'deploy-service',
  version: 'v1.0.0',
  pluginType: 'Deployer',
  form: 'builtin',
  description: 'Deploys any image as a service and waits until it is ready.',
  inputSchema,
  outputSchema: deployOutputSchema,
  labels: ['builtin'],
};
