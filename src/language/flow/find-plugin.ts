import type { Issue } from '../../model/fault.ts';
import type { StepSpec } from '../../model/flow.ts';
import type { Plugin } from '../../model/plugin.ts';
import { hintFor } from './closest-match.ts';

/** Finds the plugin version of a step, by default the newest; or returns the issue in its `field`. */
export function findPlugin(
  { plugin: name, version }: StepSpec,
  plugins: readonly Plugin[],
): { plugin: Plugin } | { field: 'plugin' | 'version'; issue: Issue } {
  const candidates = plugins.filter((plugin) => plugin.name === name);
  if (candidates.length === 0) {
    const names = [...new Set(plugins.map((plugin) => plugin.name))].sort();
    return { field: 'plugin', issue: { message: `unknown plugin "${name}"`, hint: hintFor(name, names, 'plugins') } };
  }
  const newestFirst = candidates.toSorted((one, other) => compareVersions(other.version, one.version));
  const plugin = version === undefined ? newestFirst[0] : candidates.find((one) => one.version === version);
  if (plugin) return { plugin };
  const versions = newestFirst.map((one) => one.version).join(', ');
  const message = `plugin "${name}" has no version "${version}"`;
  return { field: 'version', issue: { message, hint: `versions that exist: ${versions}` } };
}

/** Orders versions of the form vX.Y.Z by their numbers. */
function compareVersions(one: string, other: string): number {
  const numbers = other.slice(1).split('.').map(Number);
  for (const [index, number] of one.slice(1).split('.').map(Number).entries()) {
    const difference = number - (numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
