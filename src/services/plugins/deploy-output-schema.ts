import { deployOutputs } from '../../model/deploy-outputs.ts';

/** What every deploy plugin returns; `svcEndpoint` is the URL of the first port. */
export const deployOutputSchema = {
  type: 'object',
  properties: Object.fromEntries(deployOutputs.map((name) => [name, { type: 'string' }])),
  required: [...deployOutputs],
};
