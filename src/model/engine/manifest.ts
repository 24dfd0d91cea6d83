import { z } from 'zod';

const quantity = z.union([z.string(), z.number()]);
const volume = z.looseObject({
  name: z.string(),
  persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional(),
});
const container = z.looseObject({
  name: z.string(),
  image: z.string().optional(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  command: z.array(z.string()).optional(),
  args: z.array(z.string()).optional(),
  workingDir: z.string().optional(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).nullish(),
  volumeMounts: z
    .array(
      z.looseObject({
        name: z.string(),
        mountPath: z.string(),
        subPath: z.string().optional(),
        readOnly: z.boolean().optional(),
      }),
    )
    .nullish(),
  resources: z
    .looseObject({
      limits: z.record(z.string(), quantity).optional(),
      requests: z.record(z.string(), quantity).optional(),
    })
    .nullish(),
});

/** The part of a Kubernetes Pod (core/v1) that a runner's template may use; a runtime rejects fields that it cannot map. */
export const podManifestSchema = z.looseObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Pod'),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.looseObject({
    terminationGracePeriodSeconds: z.number().int().nonnegative().optional(),
    serviceAccountName: z.string().optional(),
    restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).optional(),
    initContainers: z.array(container).nullish(),
    containers: z.array(container).min(1),
    volumes: z.array(volume).nullish(),
    hostAliases: z.array(z.looseObject({ ip: z.string() })).nullish(),
  }),
});
export type PodManifest = z.infer<typeof podManifestSchema>;
export type PodContainer = z.infer<typeof container>;
