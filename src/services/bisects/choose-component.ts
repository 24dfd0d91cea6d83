import type { BisectInput } from '../../model/bisect.ts';
import { Fault } from '../../model/fault.ts';
import type { ComponentDifference, LockfileComparison } from '../tasks/compare-lockfiles.ts';

type Chosen = Pick<BisectInput, 'component' | 'repo' | 'goodCommit' | 'badCommit'>;

/**
 * The component to search: the named one, or the only thing in which two tasks differ. Throws `input_invalid` that says in
 * what they differ.
 */
export function chooseComponent(difference: LockfileComparison, wanted: string | undefined): Chosen {
  const changed = difference.components.flatMap((one) => commitsOf(one) ?? []);
  const says = differences(difference);
  if (wanted !== undefined) {
    const named = changed.find(({ component }) => component === wanted);
    if (named) return named;
    throw new Fault('input_invalid', `the tasks do not differ in commits of ${wanted}`, {
      where: { path: 'component' },
      hint: says.length > 0 ? `they differ in ${says.join('; ')}` : 'they ran the same',
    });
  }
  const [only] = changed;
  if (only && says.length === 1) return only;
  const message = says.length === 0 ? 'the tasks ran the same' : `the tasks differ in ${says.join('; ')}`;
  throw new Fault('input_invalid', message, {
    hint: only
      ? 'name the component to search: all else is then as in the bad task'
      : 'name two tasks that ran different commits of a component',
  });
}

/** Undefined of a component whose commit did not change, or which is not of one repository. */
function commitsOf({ plugin, repo, from, to }: ComponentDifference): Chosen | undefined {
  if (!from || !to || from.commit === to.commit) return undefined;
  return { component: plugin, repo, goodCommit: from.commit, badCommit: to.commit };
}

function differences({ flow, globals, plugins, components }: LockfileComparison): string[] {
  return [
    ...(flow.same ? [] : [`the test flow (revision ${flow.from.revision} and ${flow.to.revision})`]),
    ...globals.map(({ name }) => `the global ${name}`),
    ...plugins.map(({ plugin, from, to }) => `the plugin ${plugin} (${from.join(', ')} and ${to.join(', ')})`),
    ...components
      .filter(({ same }) => !same)
      .map(({ plugin, from, to }) => {
        return `${plugin} (${shortly(from?.commit)} and ${shortly(to?.commit)})`;
      }),
  ];
}

function shortly(commit: string | undefined): string {
  return commit?.slice(0, 12) ?? 'not there';
}
