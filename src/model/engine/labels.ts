import { labelNames, type RunIdentity, runAnnotations } from '../run.ts';

/** Role of an object of a run: value of the label `brightbird.dev/role`, and source of the original's label `apptype`. */
export type Role = 'runner' | 'component';
export const roleLabel = 'brightbird.dev/role';
/** Label with the display name of a container's log. */
export const sourceLabel = 'brightbird.dev/source';

/** Returns the labels of all objects of a run, by which they are selected. */
export function selectorLabels(run: RunIdentity, role: Role): Record<string, string> {
  return {
    [labelNames.testId]: run.testId,
    [labelNames.appType]: role === 'runner' ? 'testrunner' : 'component',
    [labelNames.retry]: String(run.attempt),
    [labelNames.installation]: run.installation,
    [roleLabel]: role,
  };
}

/** Returns all labels of an object on Docker, which has no annotations. */
export function runLabels(run: RunIdentity, role: Role): Record<string, string> {
  return { ...selectorLabels(run, role), ...runAnnotations(run) };
}

/** Label of a component's pods with their instance. */
export const instanceLabel = 'brightbird.dev/instance';

/** Number of a StatefulSet's pod (Kubernetes, Well-Known Labels). */
export const podIndexLabel = 'apps.kubernetes.io/pod-index';
