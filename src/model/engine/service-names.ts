import { createHash } from 'node:crypto';
import { dnsName } from '../names.ts';

/** Names of what was deployed, as deploy plugins return them; on Docker one set of containers stands for all of them. */
export interface ServiceNames {
  deployName: string;
  statefulSetName: string;
  configMapName: string;
  svcName: string;
  svcEndpoint: string;
}

/** A StatefulSet's name: its pods carry it with a hash of eleven characters in a label, of which 63 are allowed. */
const longest = 52;

/**
 * Name of an instance's objects in a cluster, unique over all tasks: `<instance>-<testId>`, from attempt 2 on with
 * `-<attempt>`. It is a DNS label that begins with a letter (RFC 1035); one that would be too long ends in a hash.
 */
export function serviceName({ instance, testId, attempt }: { instance: string; testId: string; attempt: number }) {
  const suffix = `-${testId}${attempt > 1 ? `-${attempt}` : ''}`;
  const dns = dnsName(instance);
  const start = /^[a-z]/.test(dns) ? dns : `i-${dns}`;
  const room = longest - suffix.length;
  if (start.length <= room) return `${start}${suffix}`;
  const hash = createHash('sha256').update(instance).digest('hex').slice(0, 6);
  return `${start.slice(0, room - hash.length - 1).replace(/-+$/, '')}-${hash}${suffix}`;
}
