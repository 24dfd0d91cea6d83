import { roleLabel } from '../../model/engine/labels.ts';
import type { FaultReport } from '../../model/fault.ts';
import type { Pod, Terminated } from './pod.ts';

/** Reasons in a pod's status or its condition DisruptionTarget that mean a lost node. */
const lostReasons = new Set(['NodeLost', 'DeletionByTaintManager', 'DeletionByPodGC']);
const startFailures = new Set(['StartError', 'ContainerCannotRun']);

/**
 * Returns the fault of a container that did not end by itself or cannot be restarted; undefined of ends that the caller
 * classifies. `final` is true when the pod has ended.
 */
export function endFault(pod: Pod, end: Terminated, final: boolean): FaultReport | undefined {
  const { name } = pod.metadata;
  if (startFailures.has(end.reason)) {
    return {
      code: 'container_config',
      message: `${name} cannot be started: ${end.message || end.reason}`,
      hint: 'change image, command, args or mounts in its template',
    };
  }
  return (
    disruptionFault(pod) ??
    deletionFault(pod) ??
    (final && pod.status.phase === 'Failed' ? failedFault(pod, end) : undefined)
  );
}

/** Returns the fault of a component whose pod is being deleted: BrightBird does not do that during a test. */
function deletionFault({ metadata: { name, labels, deletionTimestamp } }: Pod): FaultReport | undefined {
  if (deletionTimestamp === undefined || labels[roleLabel] === 'runner') return undefined;
  return {
    code: 'component_lost',
    message: `${name} was deleted`,
    hint: 'another program or user deleted its pod or its StatefulSet; check the audit log of the cluster',
  };
}

/** Returns the fault of a pod that the cluster evicted from its node, or whose node was lost. */
export function disruptionFault({ metadata, spec, status }: Pod): FaultReport | undefined {
  const target = status.conditions.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True');
  const reason = target?.reason || status.reason;
  const detail = target?.message || status.message || reason;
  const node = spec.nodeName ?? 'none';
  if (lostReasons.has(reason)) {
    return { code: 'node_lost', message: `node ${node}, on which ${metadata.name} ran, was lost: ${detail}` };
  }
  const isEvicted =
    target !== undefined || /^(Evicted|Preempt|Shutdown|NodeShutdown|Terminated|OutOf|Unexpected|Node)/.test(reason);
  if (!isEvicted) return undefined;
  return {
    code: 'evicted',
    message: `${metadata.name} was evicted from node ${node}: ${detail}`,
    hint: 'set resources.requests so that it is scheduled on a node with enough capacity',
  };
}

function failedFault({ metadata, spec, status }: Pod, { exitCode }: Terminated): FaultReport | undefined {
  if (status.reason === 'DeadlineExceeded') {
    return {
      code: 'run_timeout',
      message: `${metadata.name} ran longer than its activeDeadlineSeconds`,
      hint: 'raise activeDeadlineSeconds in the template, or remove it and use the timeout of the job',
    };
  }
  if (spec.restartPolicy !== 'Never') return undefined;
  const message = `${metadata.name} ended with exit code ${exitCode}, and its restartPolicy is Never`;
  return { code: 'runner_crashed', message, hint: 'check its log for the cause' };
}
