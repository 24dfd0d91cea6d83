import { expect, test } from '@jest/globals';
import { serviceOptions } from '../../../src/adapters/docker/service-options.ts';
import { deployedServiceSchema } from '../../../src/model/deployed-service.ts';

const options = (more: object) => serviceOptions(deployedServiceSchema.parse({ ports: [{ port: 80 }], ...more }));

test('converts resources and rights of a service to options of its containers', () => {
  const made = options({
    resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: 1.5, memory: '128Mi' } },
    securityContext: {
      ...{ runAsUser: 1000, runAsGroup: 1001, runAsNonRoot: true, readOnlyRootFilesystem: true },
      ...{ allowPrivilegeEscalation: false, privileged: false, capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } },
    },
  });
  expect(made).toEqual({
    User: '1000:1001',
    HostConfig: {
      ...{ Memory: 2 ** 27, MemorySwap: 2 ** 27, MemoryReservation: 2 ** 26, NanoCpus: 1.5e9 },
      ...{ CapDrop: ['ALL'], CapAdd: ['NET_ADMIN'], ReadonlyRootfs: true, Privileged: false },
      SecurityOpt: ['no-new-privileges'],
    },
  });
});

test('returns no options for a service without resources and rights', () => {
  expect(options({})).toEqual({ HostConfig: {} });
});

test.each<[string, object]>([
  ['nodeSelector', { nodeSelector: { disk: 'ssd' } }],
  ['tolerations', { tolerations: [{ operator: 'Exists' }] }],
  ['imagePullSecrets', { imagePullSecrets: [{ name: 'pull' }] }],
  ['resources.limits.nvidia.com/gpu', { resources: { limits: { 'nvidia.com/gpu': 1 } } }],
  ['securityContext.runAsNonRoot', { securityContext: { runAsNonRoot: true } }],
  ['securityContext.runAsGroup', { securityContext: { runAsGroup: 1 } }],
  [
    'securityContext.readOnlyRootFilesystem',
    { securityContext: { readOnlyRootFilesystem: true }, configFiles: [{ path: '/a', content: '' }] },
  ],
])('refuses %s, which Docker does not support, with its place', (name, service) => {
  expect(() => options(service)).toThrow(
    expect.objectContaining({ code: 'input_invalid', where: { path: `service.${name}` } }),
  );
});
