import { z } from 'zod';
import { dnsName } from '../../model/names.ts';
import type { StepKind } from './kind.ts';

const inputSchema = z.object({ size: z.string().default('1Gi'), accessMode: z.string().default('ReadWriteOnce') });

/** Creates a volume with the run's labels, by which the cleanup finds it; reuses the volume of a crashed try of the step. */
export const makeVolume: StepKind = async ({ work, step, input, output }) => {
  const { runtime, testId, attempt, namespace } = work;
  const name = `${dnsName(step.instance)}-${testId}${attempt > 1 ? `-${attempt}` : ''}`;
  // The code of an engine is loaded on demand.
  if (runtime.kind === 'docker') {
    const { connectDocker } = await import('../../adapters/docker/connect.ts');
    const { createVolume } = await import('../../adapters/docker/volumes.ts');
    await createVolume(connectDocker(), name, runtime.labels);
  } else {
    const { runnerNamespace } = await import('./runner-namespace.ts');
    const { createVolume } = await import('../../adapters/kubernetes/volumes.ts');
    await createVolume(await runnerNamespace(namespace), runtime, { name, ...inputSchema.parse(input) });
  }
  await output.print(`volume ${name} is ready`);
  return { name };
};
