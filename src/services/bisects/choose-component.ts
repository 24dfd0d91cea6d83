import type { BisectInput } from '../../model/bisect.ts';
import { Fault } from '../../model/fault.ts';
import type { ComponentDifference, LockfileComparison } from '../tasks/compare-lockfiles.ts';

type Chosen = Pick<BisectInput, 'component' | 'repo' | 'goodCommit' | 'badCommit'>;

/**
 * Returns the component to search: the named one, or the only difference between two tasks. Throws `input_invalid` with the
 * differences.
 */
export function chooseComponent(difference: LockfileComparison, wanted: string | undefined): Chosen {
  const changed = difference.components.flatMap((one) => commitsOf(one) ?? []);
  const differing = listDifferences(difference);
  if (wanted !== undefined) {
    const named = changed.find(({ component }) => component === wanted);
    if (named) return named;
    throw new Fault('input_invalid', `the tasks do not differ in commits of ${wanted}`, {
      where: { path: 'component' },
      hint: differing.length > 0 ? `they differ in ${differing.join('; ')}` : 'they do not differ',
    });
  }
  const [only] = changed;
  if (only && differing.length === 1) return only;
  const message = differing.length === 0 ? 'the tasks do not differ' : `the tasks differ in ${differing.join('; ')}`;
  throw new Fault('input_invalid', message, {
    hint: only
      ? 'name the component to search; everything else is taken from the bad task'
      : 'name two tasks that ran different commits of a component',
  });
}

/** Returns undefined for a component whose commit did not change, or that only one of the tasks has. */
function commitsOf({ plugin, repo, from, to }: ComponentDifference): Chosen | undefined {
  if (!from || !to || from.commit === to.commit) return undefined;
  return { component: plugin, repo, goodCommit: from.commit, badCommit: to.commit };
}

function listDifferences({ flow, globals, plugins, components }: LockfileComparison): string[] {
  return [
    ...(flow.same ? [] : [`the test flow (revision ${flow.from.revision} and ${flow.to.revision})`]),
    ...globals.map(({ name }) => `the global ${name}`),
    ...plugins.map(({ plugin, from, to }) => `the plugin ${plugin} (${from.join(', ')} and ${to.join(', ')})`),
    ...components
      .filter(({ same }) => !same)
      .map(({ plugin, from, to }) => {
        return `${plugin} (${shortCommit(from?.commit)} and ${shortCommit(to?.commit)})`;
      }),
  ];
}

function shortCommit(commit: string | undefined): string {
  return commit?.slice(0, 12) ?? 'absent';
}
