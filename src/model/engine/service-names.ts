import { createHash } from 'node:crypto';
import { dnsName } from '../names.ts';

/** Names of deployed objects, as returned by deploy plugins; on Docker all refer to the same set of containers. */
export interface ServiceNames {
  deployName: string;
  statefulSetName: string;
  configMapName: string;
  svcName: string;
  svcEndpoint: string;
}

/** Maximum length of a StatefulSet's name: a label of its pods has the name and a hash of 11 characters, at most 63 in all. */
const maxNameLength = 52;

/**
 * Returns the name of an instance's objects in a cluster, unique over all tasks: `<instance>-<testId>`, from attempt 2 on
 * with `-<attempt>`. It is a DNS label that begins with a letter (RFC 1035); a long one is cut and ends in a hash.
 */
export function serviceName({ instance, testId, attempt }: { instance: string; testId: string; attempt: number }) {
  const suffix = `-${testId}${attempt > 1 ? `-${attempt}` : ''}`;
  const dns = dnsName(instance);
  const start = /^[a-z]/.test(dns) ? dns : `i-${dns}`;
  const available = maxNameLength - suffix.length;
  if (start.length <= available) return `${start}${suffix}`;
  const hash = createHash('sha256').update(instance).digest('hex').slice(0, 6);
  return `${start.slice(0, available - hash.length - 1).replace(/-+$/, '')}-${hash}${suffix}`;
}
