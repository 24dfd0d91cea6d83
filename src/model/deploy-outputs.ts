/** Outputs of every deploy plugin, the original's `CommonDeployParams` and `BaseConfig`; all are strings. */
export const deployOutputs = [
  'codeVersion',
  'instanceName',
  'deployName',
  'statefulSetName',
  'configMapName',
  'svcName',
  'svcEndpoint',
] as const;

/** Returns true for the path of such an output; a Deployer has it even if its own schema does not declare it. */
export function isDeployOutput(path: readonly string[]): boolean {
  return path.length === 1 && (deployOutputs as readonly (string | undefined)[]).includes(path[0]);
}
