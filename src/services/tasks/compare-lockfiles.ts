import type { CommitHistory } from '../../model/ports/git.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import { requireFound } from '../../model/require-found.ts';
import { type LockedComponent, type Lockfile, lockfileOf } from './lockfile.ts';

export interface LockfileComparison {
  from: string;
  to: string;
  /** True when both lockfiles describe the same run. */
  same: boolean;
  flow: { same: boolean; from: FlowAt; to: FlowAt };
  globals: { name: string; from?: unknown; to?: unknown }[];
  /** Plugins used in different versions. */
  plugins: { plugin: string; from: string[]; to: string[] }[];
  components: ComponentDifference[];
}

interface FlowAt {
  testFlowId: string;
  revision: number;
}

type Locked = Pick<LockedComponent, 'version' | 'commit' | 'image' | 'digest'>;

export interface ComponentDifference {
  plugin: string;
  repo: string;
  same: boolean;
  from?: Locked;
  to?: Locked;
  /** Number of commits that only one of the two has, if this server's mirror has both. */
  commits?: { ahead: number; behind: number };
}

/** Compares the lockfiles of two tasks: flow, globals, plugins, and each component. Faults: not_found, conflict. */
export async function compareLockfiles(
  { tasks, history }: { tasks: TaskStore; history: CommitHistory },
  fromId: string,
  toId: string,
): Promise<LockfileComparison> {
  const [from, to] = (await Promise.all(
    [fromId, toId].map(async (id) => lockfileOf(requireFound(await tasks.get(id), `task ${id}`))),
  )) as [Lockfile, Lockfile];
  const names = namesOf(from.components, to.components, ({ plugin }) => plugin);
  const components = await Promise.all(
    names.map((plugin) => {
      const [one, other] = [from, to].map(({ components }) => components.find((known) => known.plugin === plugin));
      return compareOne(history, plugin, one, other);
    }),
  );
  const flow = { from: flowAt(from), to: flowAt(to) };
  const parts = {
    flow: { same: JSON.stringify(flow.from) === JSON.stringify(flow.to), ...flow },
    globals: changedGlobals(from, to),
    plugins: changedPlugins(from, to),
    components,
  };
  const same =
    parts.flow.same && [...parts.globals, ...parts.plugins].length === 0 && components.every((one) => one.same);
  return { from: fromId, to: toId, same, ...parts };
}

async function compareOne(
  history: CommitHistory,
  plugin: string,
  from: LockedComponent | undefined,
  to: LockedComponent | undefined,
): Promise<ComponentDifference> {
  const repo = (to ?? from)?.repo ?? '';
  const sameDigest = from?.digest === to?.digest || !from?.digest || !to?.digest;
  const same = from?.commit === to?.commit && sameDigest;
  const known = from && to && from.repo === to.repo && from.commit !== to.commit;
  const commits = known ? await history.count(repo, from.commit, to.commit) : undefined;
  return { plugin, repo, same, from: from && lockedOf(from), to: to && lockedOf(to), commits };
}

function lockedOf({ version, commit, image, digest }: LockedComponent): Locked {
  return { version, commit, image, digest };
}

function flowAt({ testFlowId, flowRevision }: Lockfile): FlowAt {
  return { testFlowId, revision: flowRevision };
}

function changedGlobals({ globals: from }: Lockfile, { globals: to }: Lockfile): LockfileComparison['globals'] {
  return namesOf(Object.keys(from), Object.keys(to), (name) => name).flatMap((name) =>
    from[name] === to[name] ? [] : [{ name, from: from[name], to: to[name] }],
  );
}

function changedPlugins(from: Lockfile, to: Lockfile): LockfileComparison['plugins'] {
  const versions = ({ plugins }: Lockfile, wanted: string): string[] =>
    plugins.filter(({ plugin }) => plugin === wanted).map(({ version }) => version);
  return namesOf(from.plugins, to.plugins, ({ plugin }) => plugin).flatMap((plugin) => {
    const [one, other] = [versions(from, plugin), versions(to, plugin)];
    return JSON.stringify(one) === JSON.stringify(other) ? [] : [{ plugin, from: one, to: other }];
  });
}

function namesOf<T>(one: readonly T[], other: readonly T[], name: (item: T) => string): string[] {
  return [...new Set([...one, ...other].map(name))].sort();
}
