import type { FaultCode } from '../../model/fault.ts';

/** Fault code of a cluster's refusal, derived from its message, and what to do about it. */
export interface Refusal {
  code: FaultCode;
  hint: string;
}

type Found = Record<string, string | undefined>;

const refusals: readonly { pattern: RegExp; code: FaultCode; hint(found: Found): string }[] = [
  {
    pattern: /exceeded quota: (?<quota>[^,\s]+)/i,
    code: 'quota_exceeded',
    hint: ({ quota }) =>
      `free capacity or raise it: kubectl describe resourcequota ${quota}; or request less in the template`,
  },
  {
    pattern: /failed quota: (?<quota>\S+): must specify (?<missing>[^;]+)/i,
    code: 'template_invalid',
    hint: ({ missing = '' }) =>
      `set resources (${missing.trim()}) in the template or the plugin's service, or give the namespace a LimitRange with defaults`,
  },
  {
    pattern: /(?:maximum|minimum) \S+ usage per|limited to|must be less than or equal to/i,
    code: 'template_invalid',
    hint: () => 'keep resources within the LimitRange of the namespace: kubectl describe limitrange',
  },
  {
    pattern: /violates PodSecurity "(?<level>[\w-]+)/,
    code: 'template_invalid',
    hint: ({ level }) =>
      `set the securityContext that the message requires in the template or the plugin's service, or relax the label pod-security.kubernetes.io/enforce=${level} of the namespace`,
  },
  {
    pattern: /because it is being terminated|NamespaceTerminating/,
    code: 'invalid_request',
    hint: () =>
      'the namespace is being deleted: wait until it is gone and create it again, or set NAMESPACE to another one',
  },
  {
    pattern: /serviceaccount "?(?<account>[^"\s]+)"? not found/i,
    code: 'forbidden',
    hint: () => 'create the service account in the namespace: kubectl apply -k deploy/kubernetes',
  },
  {
    pattern:
      /User "(?<user>[^"]+)" cannot (?<verb>\w+) resource "(?<resource>[^"]+)"(?: in API group "[^"]*")?(?: in the namespace "(?<namespace>[^"]+)")?/,
    code: 'forbidden',
    hint: ({ user, verb, resource, namespace }) => {
      const where = namespace === undefined ? '' : ` -n ${namespace}`;
      return `grant ${user} the permission to ${verb} ${resource}, as the role in deploy/kubernetes does; check with kubectl auth can-i ${verb} ${resource} --as=${user}${where}`;
    },
  },
  {
    pattern: /admission webhook "(?<webhook>[^"]+)" denied/,
    code: 'forbidden',
    hint: ({ webhook }) => `the policy of ${webhook} refuses it: change the template or the policy`,
  },
];

/** Classifies a message of the API server or of a controller's event; undefined if it is not a known refusal. */
export function refusalOf(message: string): Refusal | undefined {
  for (const { pattern, code, hint } of refusals) {
    const match = pattern.exec(message);
    if (match) return { code, hint: hint(match.groups ?? {}) };
  }
  return undefined;
}

export const isOverQuota = (message: string): boolean => refusalOf(message)?.code === 'quota_exceeded';
