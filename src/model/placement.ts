import { z } from 'zod';

/** Suffixes of Kubernetes' resource.Quantity; the runtimes read the values. */
const quantityText = /^\d+(\.\d+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
const reference = /^\{\{[^}]+\}\}$/;
const quantitySchema = z.union([
  z.number().nonnegative(),
  z.string().refine((text) => quantityText.test(text) || reference.test(text), 'a quantity such as 500m, 2 or 256Mi'),
]);
const quantitiesSchema = z.record(z.string().min(1), quantitySchema);

/** Requests and limits of a container (Kubernetes, ResourceRequirements). */
export const resourcesSchema = z.strictObject({
  requests: quantitiesSchema.optional(),
  limits: quantitiesSchema.optional(),
});
export type Resources = z.infer<typeof resourcesSchema>;

const id = z.number().int().nonnegative();
const capabilities = z.array(z.string().regex(/^[A-Z_]+$/, 'a capability such as NET_ADMIN, without CAP_'));

/** Privileges of a container, a part of Kubernetes' SecurityContext. */
const securityContextSchema = z.strictObject({
  runAsUser: id.optional(),
  runAsGroup: id.optional(),
  runAsNonRoot: z.boolean().optional(),
  readOnlyRootFilesystem: z.boolean().optional(),
  allowPrivilegeEscalation: z.boolean().optional(),
  privileged: z.boolean().optional(),
  capabilities: z.strictObject({ add: capabilities.optional(), drop: capabilities.optional() }).optional(),
});

const tolerationSchema = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.number().int().optional(),
});

/** Resources, privileges and scheduling of a service's pods: fields of Kubernetes' Container and PodSpec. */
export const placementSchema = z.strictObject({
  resources: resourcesSchema.optional(),
  securityContext: securityContextSchema.optional(),
  nodeSelector: z.record(z.string(), z.string()).optional(),
  tolerations: z.array(tolerationSchema).optional(),
  imagePullSecrets: z.array(z.strictObject({ name: z.string().min(1) })).optional(),
});
export type Placement = z.infer<typeof placementSchema>;
