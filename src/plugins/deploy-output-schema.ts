const names = [
  'codeVersion',
  'instanceName',
  'deployName',
  'statefulSetName',
  'configMapName',
  'svcName',
  'svcEndpoint',
] as const;

/** What every deploy plugin returns; `svcEndpoint` is the URL of the first port. */
export const deployOutputSchema = {
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
  required: [...names],
};
