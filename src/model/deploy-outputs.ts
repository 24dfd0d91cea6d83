/** What every deploy plugin returns, the original's `CommonDeployParams` and `BaseConfig`; all are texts. */
export const deployOutputs = [
  'codeVersion',
  'instanceName',
  'deployName',
  'statefulSetName',
  'configMapName',
  'svcName',
  'svcEndpoint',
] as const;

/** True for the path of such an output, which a Deployer has whether its own schema names it or not. */
export function isDeployOutput(path: readonly string[]): boolean {
  return path.length === 1 && (deployOutputs as readonly (string | undefined)[]).includes(path[0]);
}
