import { deployOutputs } from '../../model/deploy-outputs.ts';

/** JSON Schema of the output of every deploy plugin; `svcEndpoint` is the URL of the first port. */
export const deployOutputSchema = {
  type: 'object',
  properties: Object.fromEntries(deployOutputs.map((name) => [name, { type: 'string' }])),
  required: [...deployOutputs],
};
