import { z } from 'zod';
import { metadataSchema } from './resources.ts';

const terminatedSchema = z.looseObject({
  exitCode: z.number(),
  reason: z.string().default(''),
  message: z.string().default(''),
  startedAt: z.string().nullish(),
  finishedAt: z.string().nullish(),
  containerID: z.string().optional(),
});
export type Terminated = z.infer<typeof terminatedSchema>;

const stateSchema = z.looseObject({
  running: z.looseObject({ startedAt: z.string().nullish() }).optional(),
  terminated: terminatedSchema.optional(),
  waiting: z.looseObject({ reason: z.string().default(''), message: z.string().default('') }).optional(),
});

const containerStatusSchema = z.looseObject({
  name: z.string(),
  containerID: z.string().optional(),
  restartCount: z.number(),
  ready: z.boolean().default(false),
  state: stateSchema.default({}),
  lastState: stateSchema.default({}),
});
export type ContainerStatus = z.infer<typeof containerStatusSchema>;

/** Schema of the fields that are read of a Pod (core/v1). */
export const podSchema = z.looseObject({
  metadata: metadataSchema.extend({ creationTimestamp: z.string() }),
  spec: z.looseObject({
    nodeName: z.string().optional(),
    restartPolicy: z.string().optional(),
    terminationGracePeriodSeconds: z.number().optional(),
    containers: z.array(z.looseObject({ name: z.string() })),
  }),
  status: z
    .looseObject({
      phase: z.string().default('Pending'),
      reason: z.string().default(''),
      message: z.string().default(''),
      conditions: z
        .array(
          z.looseObject({
            type: z.string(),
            status: z.string(),
            reason: z.string().default(''),
            message: z.string().default(''),
            lastTransitionTime: z.string().nullish(),
          }),
        )
        .default([]),
      containerStatuses: z.array(containerStatusSchema).default([]),
      initContainerStatuses: z.array(containerStatusSchema).default([]),
    })
    .prefault({}),
});
export type Pod = z.infer<typeof podSchema>;

/** Tells whether all containers of the pod have ended for good. */
export function hasEnded({ spec, status }: Pod): boolean {
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return true;
  const { restartPolicy } = spec;
  const isEnded = ({ state: { terminated } }: ContainerStatus): boolean =>
    terminated !== undefined &&
    (restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && terminated.exitCode === 0));
  return status.containerStatuses.length === spec.containers.length && status.containerStatuses.every(isEnded);
}

/** Returns a container's id without the prefix of its engine, such as `containerd://`. */
export function bareId(containerID: string | undefined): string {
  return (containerID ?? '').replace(/^\w+:\/\//, '');
}
