import { z } from 'zod';
import { imageReferenceSchema, volumeNameSchema } from './image-reference.ts';
import { readinessSchema, serviceSchema } from './plugin.ts';

const port = z.number().int().min(1).max(65535);

/** Maximum number of replicas of a service. */
export const maxReplicas = 20;

/** A service with every `{{reference}}` replaced: deployed by a runtime, and the input of deploy-service. */
export const deployedServiceSchema = serviceSchema.extend({
  image: imageReferenceSchema.optional(),
  volumes: z.array(z.strictObject({ name: volumeNameSchema, mountPath: z.string().startsWith('/') })).default([]),
  ports: z.array(z.strictObject({ name: z.string().optional(), port })).min(1),
  replicas: z.number().int().min(1).max(maxReplicas).default(1),
  readiness: readinessSchema.extend({ port: port.optional() }).default({ timeoutSeconds: 60 }),
});
export type DeployedService = z.infer<typeof deployedServiceSchema>;
