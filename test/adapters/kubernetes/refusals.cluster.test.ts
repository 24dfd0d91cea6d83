import { describe, expect, test } from '@jest/globals';
import { ApiError, apiFault } from '../../../src/adapters/kubernetes/api-errors.ts';

// Messages of Kubernetes 1.34.
const refusals: [string, number, string, string, RegExp][] = [
  [
    'a full quota',
    403,
    'pods "a" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2',
    'quota_exceeded',
    /kubectl describe resourcequota few/,
  ],
  [
    'a quota that requires limits',
    403,
    'pods "a" is forbidden: failed quota: compute: must specify limits.cpu for: runner; limits.memory for: runner',
    'template_invalid',
    /set resources \(limits\.cpu for: runner\).*LimitRange/,
  ],
  [
    'a LimitRange',
    403,
    'pods "a" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    'template_invalid',
    /kubectl describe limitrange/,
  ],
  [
    'Pod Security',
    403,
    'pods "a" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "runner" must set securityContext.allowPrivilegeEscalation=false)',
    'template_invalid',
    /securityContext.*enforce=restricted/,
  ],
  [
    'a namespace that is being deleted',
    403,
    'pods "a" is forbidden: unable to create new content in namespace n because it is being terminated',
    'invalid_request',
    /being deleted/,
  ],
  [
    'an account without the permission',
    403,
    'pods is forbidden: User "system:serviceaccount:n:runner" cannot create resource "pods" in API group "" in the namespace "n"',
    'forbidden',
    /grant system:serviceaccount:n:runner the permission to create pods.*can-i create pods --as=system:serviceaccount:n:runner -n n/,
  ],
  [
    'a service account that does not exist',
    403,
    'pods "a" is forbidden: error looking up service account n/x: serviceaccount "x" not found',
    'forbidden',
    /create the service account/,
  ],
  [
    'a policy',
    403,
    'admission webhook "validate.kyverno.svc" denied the request: no latest tags',
    'forbidden',
    /policy of validate\.kyverno\.svc/,
  ],
  ['a missing namespace', 404, 'namespaces "n" not found', 'invalid_request', /kubectl create namespace n/],
  ['another refusal', 403, 'pods "a" is forbidden: because', 'forbidden', /KUBECONFIG/],
];

describe('apiFault', () => {
  test.each(refusals)('converts a refusal because of %s to a fault with a hint', (_, status, message, code, hint) => {
    expect(apiFault(new ApiError(status, 'Forbidden', message), 'creating a')).toMatchObject({
      code,
      message: `creating a: the API server answered ${status}: ${message}`,
      hint: expect.stringMatching(hint),
    });
  });
});
