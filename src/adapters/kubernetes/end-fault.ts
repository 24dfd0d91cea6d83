import { roleLabel } from '../../model/engine/labels.ts';
import type { FaultReport } from '../../model/fault.ts';
import type { Pod, Terminated } from './pod.ts';

/** Reasons of a pod's status, and of its condition DisruptionTarget, by which its node or the cluster has ended it. */
const lostReasons = new Set(['NodeLost', 'DeletionByTaintManager', 'DeletionByPodGC']);
const endedBefore = new Set(['StartError', 'ContainerCannotRun']);

/**
 * Why a container's end is not its own doing, or why nothing starts it again: undefined of the ends that a follower judges.
 * `final` says that the pod is over.
 */
export function endFault(pod: Pod, end: Terminated, final: boolean): FaultReport | undefined {
  const { name } = pod.metadata;
  if (endedBefore.has(end.reason)) {
    return {
      code: 'container_config',
      message: `${name} cannot be started: ${end.message || end.reason}`,
      hint: 'change image, command, args or mounts in its template',
    };
  }
  return (
    disruption(pod) ?? deletion(pod) ?? (final && pod.status.phase === 'Failed' ? failedFault(pod, end) : undefined)
  );
}

/** Of a component's pod that is being deleted: nobody does that while its test runs, but somebody else. */
function deletion({ metadata: { name, labels, deletionTimestamp } }: Pod): FaultReport | undefined {
  if (deletionTimestamp === undefined || labels[roleLabel] === 'runner') return undefined;
  return {
    code: 'component_lost',
    message: `${name} was deleted`,
    hint: 'somebody else has deleted its pod or what makes it; the audit log of the cluster tells who',
  };
}

/** Set when the cluster has taken the pod from its node, or the node from the cluster. */
export function disruption({ metadata, spec, status }: Pod): FaultReport | undefined {
  const target = status.conditions.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True');
  const reason = target?.reason || status.reason;
  const why = target?.message || status.message || reason;
  const node = spec.nodeName ?? 'none';
  if (lostReasons.has(reason)) {
    return { code: 'node_lost', message: `node ${node}, on which ${metadata.name} ran, was lost: ${why}` };
  }
  const isEvicted =
    target !== undefined || /^(Evicted|Preempt|Shutdown|NodeShutdown|Terminated|OutOf|Unexpected|Node)/.test(reason);
  if (!isEvicted) return undefined;
  return {
    code: 'evicted',
    message: `${metadata.name} was evicted from node ${node}: ${why}`,
    hint: 'give it requests of what it needs, so that it gets a node that has it',
  };
}

function failedFault({ metadata, spec, status }: Pod, { exitCode }: Terminated): FaultReport | undefined {
  if (status.reason === 'DeadlineExceeded') {
    return {
      code: 'run_timeout',
      message: `${metadata.name} ran longer than its activeDeadlineSeconds`,
      hint: 'raise activeDeadlineSeconds in the template, or leave it out and use the timeout of the job',
    };
  }
  if (spec.restartPolicy !== 'Never') return undefined;
  const message = `${metadata.name} ended with exit code ${exitCode}, and its restartPolicy is Never`;
  return { code: 'runner_crashed', message, hint: 'see its log for why it ended' };
}
