import type { FaultCode } from '../../model/fault.ts';

/** Why a cluster refuses to make or to show something, told from its message, and what to do about it. */
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
      `free room or raise it: kubectl describe resourcequota ${quota}; or ask for less in the template`,
  },
  {
    pattern: /failed quota: (?<quota>\S+): must specify (?<what>[^;]+)/i,
    code: 'template_invalid',
    hint: ({ what = '' }) =>
      `set resources (${what.trim()}) in the template or the plugin's service, or give the namespace a LimitRange with defaults`,
  },
  {
    pattern: /(?:maximum|minimum) \S+ usage per|limited to|must be less than or equal to/i,
    code: 'template_invalid',
    hint: () => 'set resources within the LimitRange of the namespace: kubectl describe limitrange',
  },
  {
    pattern: /violates PodSecurity "(?<level>[\w-]+)/,
    code: 'template_invalid',
    hint: ({ level }) =>
      `set the securityContext that the message asks for in the template or the plugin's service, or relax the label pod-security.kubernetes.io/enforce=${level} of the namespace`,
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
    hint: () => 'make the service account in the namespace: kubectl apply -k deploy/kubernetes',
  },
  {
    pattern:
      /User "(?<user>[^"]+)" cannot (?<verb>\w+) resource "(?<resource>[^"]+)"(?: in API group "[^"]*")?(?: in the namespace "(?<namespace>[^"]+)")?/,
    code: 'forbidden',
    hint: ({ user, verb, resource, namespace }) => {
      const where = namespace === undefined ? '' : ` -n ${namespace}`;
      return `give ${user} the right to ${verb} ${resource}, as the role in deploy/kubernetes has it; check with kubectl auth can-i ${verb} ${resource} --as=${user}${where}`;
    },
  },
  {
    pattern: /admission webhook "(?<webhook>[^"]+)" denied/,
    code: 'forbidden',
    hint: ({ webhook }) => `the policy of ${webhook} refuses it: change the template, or the policy`,
  },
];

/** The refusal that a message of the API server or of a controller's event tells; undefined of any other message. */
export function refusalOf(message: string): Refusal | undefined {
  for (const { pattern, code, hint } of refusals) {
    const match = pattern.exec(message);
    if (match) return { code, hint: hint(match.groups ?? {}) };
  }
  return undefined;
}

export const isOverQuota = (message: string): boolean => refusalOf(message)?.code === 'quota_exceeded';
