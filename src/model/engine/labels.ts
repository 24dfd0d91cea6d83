import { labelNames, makerOf, type RunIdentity } from '../run.ts';

/** What an object of a run is: part of the label `brightbird.dev/role`, and of `apptype` as the original has it. */
export type Role = 'runner' | 'component';
export const roleLabel = 'brightbird.dev/role';
/** Name that a container's log is shown under. */
export const sourceLabel = 'brightbird.dev/source';

/** Labels of everything that a run makes, by which it is found. */
export function findingLabels(run: RunIdentity, role: Role): Record<string, string> {
  return {
    [labelNames.testId]: run.testId,
    [labelNames.appType]: role === 'runner' ? 'testrunner' : 'component',
    [labelNames.retry]: String(run.attempt),
    [labelNames.installation]: run.installation,
    [roleLabel]: role,
  };
}

/** All that the objects of a run tell of it on Docker, where there are no annotations. */
export function runLabels(run: RunIdentity, role: Role): Record<string, string> {
  return { ...findingLabels(run, role), ...makerOf(run) };
}

/** Label of a component's pods: the instance that they belong to. */
export const instanceLabel = 'brightbird.dev/instance';

/** Number of a StatefulSet's pod (Kubernetes, Well-Known Labels). */
export const podIndexLabel = 'apps.kubernetes.io/pod-index';
