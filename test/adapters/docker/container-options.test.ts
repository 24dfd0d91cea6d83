import { describe, expect, test } from '@jest/globals';
import { containerOptions } from '../../../src/adapters/docker/container-options.ts';
import { podManifestSchema } from '../../../src/model/engine/manifest.ts';
import { newRun, type SpecChanges, shellSpec } from '../../support/model/engine/runs.ts';

const options = (changes: SpecChanges = {}) => containerOptions(shellSpec(newRun(), 'image:1', 'exit 0', changes));

describe('containerOptions', () => {
  test("converts a Pod of the original's template to a container", () => {
    const run = newRun({ attempt: 2 });
    const manifest = podManifestSchema.parse({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'venus', name: 'any', labels: { app: 'venus-testrunner-pod', testid: 'someone' } },
      spec: {
        restartPolicy: 'OnFailure',
        initContainers: null,
        containers: [
          {
            name: 'venus-testrunner',
            image: 'filvenus/testrunner:zsk',
            imagePullPolicy: 'Always',
            args: ['--work=/work/work.json'],
            env: [{ name: 'PRODUCTION', value: 'true' }],
            volumeMounts: [{ mountPath: '/shared-dir', name: 'shared-dir-v', subPath: 'venus' }],
          },
        ],
        volumes: [{ name: 'shared-dir-v', persistentVolumeClaim: { claimName: 'shared-dir' } }],
      },
    });
    const made = containerOptions({ ...shellSpec(run, '', ''), manifest });
    expect(made).toMatchObject({
      name: `test-runner-${run.testId}-2`,
      Image: 'filvenus/testrunner:zsk',
      Cmd: ['--work=/work/work.json'],
      Env: ['PRODUCTION=true'],
      Labels: {
        app: 'venus-testrunner-pod',
        apptype: 'testrunner',
        testid: run.testId,
        retry: '2',
        'brightbird.dev/run-id': run.runId,
        'brightbird.dev/role': 'runner',
      },
      HostConfig: { Mounts: [{ Type: 'volume', Source: 'brightbird-venus-shared-dir', Target: '/shared-dir' }] },
    });
    expect(made).not.toHaveProperty('Entrypoint');
  });

  test('expands variables in command, args and later variables', () => {
    const made = options({
      container: {
        command: ['$(SHELL)', '$$(SHELL)'],
        args: ['$(NAME)', '$(NOBODY)', '$5'],
        env: [{ name: 'SHELL', value: '/bin/sh' }, { name: 'NAME', value: 'in $(SHELL)' }, { name: 'EMPTY' }],
      },
    });
    expect(made).toMatchObject({
      Entrypoint: ['/bin/sh', '$(SHELL)'],
      Cmd: ['in /bin/sh', '$(NOBODY)', '$5'],
      Env: ['SHELL=/bin/sh', 'NAME=in /bin/sh', 'EMPTY='],
    });
  });

  test('mounts a separate volume for each subPath of a claim', () => {
    const mount = (subPath?: string) => ({ name: 'data', mountPath: `/at/${subPath}`, ...(subPath && { subPath }) });
    const made = options({
      container: { volumeMounts: [mount(), mount('contract'), mount('a/b')] },
      pod: { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data', readOnly: true } }] },
    });
    const sources = made.HostConfig?.Mounts?.map(({ Source, ReadOnly }) => [Source, ReadOnly]);
    const claim = 'brightbird-contract-data';
    expect(sources).toEqual([
      [claim, true],
      [claim, true],
      [`${claim}-a-b`, true],
    ]);
  });
});

describe('containerOptions with an unsupported Pod', () => {
  const volume = (more: object): SpecChanges => ({
    container: { volumeMounts: [{ name: 'v', mountPath: '/v' }] },
    pod: { volumes: [{ name: 'v', ...more }] },
  });
  const container = { name: 'other', image: 'image:1' };
  const cases: [string, SpecChanges, string][] = [
    ['a container without an image', { container: { image: undefined } }, 'spec.containers[0].image'],
    ['two containers', { pod: { containers: [container, container] } }, 'spec.containers[1]'],
    ['init containers', { pod: { initContainers: [container] } }, 'spec.initContainers'],
    ['the host network', { pod: { hostNetwork: true } }, 'spec.hostNetwork'],
    ['a probe', { container: { livenessProbe: {} } }, 'spec.containers[0].livenessProbe'],
    ['a variable with valueFrom', { container: { env: [{ name: 'A', valueFrom: {} }] } }, 'spec.containers[0].env[0]'],
    [
      'an invalid limit',
      { container: { resources: { limits: { cpu: 'much' } } } },
      'spec.containers[0].resources.limits.cpu',
    ],
    [
      'a disk limit',
      { container: { resources: { limits: { 'ephemeral-storage': '1Gi' } } } },
      'spec.containers[0].resources.limits.ephemeral-storage',
    ],
    ['a secret', volume({ secret: { secretName: 's' } }), 'spec.volumes[0]'],
    ['an emptyDir in memory', volume({ emptyDir: { medium: 'Memory' } }), 'spec.volumes[0]'],
    ['a mount of a missing volume', { ...volume({}), pod: { volumes: null } }, 'spec.containers[0].volumeMounts[0]'],
    [
      'a subPath of an emptyDir',
      { ...volume({ emptyDir: {} }), container: { volumeMounts: [{ name: 'v', mountPath: '/v', subPath: 'a' }] } },
      'spec.containers[0].volumeMounts[0].subPath',
    ],
  ];

  test.each(cases)('refuses %s with its place', (_title, changes, path) => {
    expect(() => options(changes)).toThrow(
      expect.objectContaining({ code: 'template_invalid', where: { path }, hint: expect.any(String) }),
    );
  });
});

test.each(['/nginx', 'http://x/y', 'a b', 'x?y=1'])('refuses a template with the image %j with its place', (image) => {
  expect(() => containerOptions(shellSpec(newRun(), image, 'exit 0'))).toThrow(
    expect.objectContaining({ code: 'template_invalid', where: { path: 'spec.containers[0].image' } }),
  );
});
