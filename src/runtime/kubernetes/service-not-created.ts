import { Fault } from '../../model/fault.ts';
import type { Cluster } from './cluster.ts';
import { describeEvents } from './pod-events.ts';

/** Throws when a controller says that it may not make the pods of a StatefulSet. */
export async function checkNotCreated(
  cluster: Cluster,
  { name, uid }: { name: string; uid: string },
  signal: AbortSignal,
): Promise<void> {
  const events = await describeEvents(cluster, uid, signal);
  if (!/FailedCreate/.test(events)) return;
  const overQuota = /exceeded quota|maximum|limited to/.test(events);
  throw new Fault(overQuota ? 'quota_exceeded' : 'forbidden', `StatefulSet ${name} gets no pods${events}`, {
    hint: overQuota
      ? 'raise the quota of the namespace, ask for less in the template, or wait for other runs'
      : 'see which admission rule of the cluster refuses its pods, and change its template',
  });
}
