import type { Placement } from '../../model/placement.ts';

/** A pod's spec with the part that a placement sets. */
interface PodSpec extends Record<string, unknown> {
  containers?: Record<string, unknown>[] | undefined;
}

/**
 * Returns the spec of a component's pods with what its service asks for: resources and rights of the first container, and
 * where the pods may be. What the template says itself goes before that.
 */
export function placePods<T extends PodSpec>(spec: T, placement: Placement): T {
  const { resources, securityContext, nodeSelector, tolerations, imagePullSecrets } = placement;
  const [first, ...others] = spec.containers ?? [];
  const container = first && { ...defined({ resources, securityContext }), ...first };
  return {
    ...defined({ nodeSelector, tolerations, imagePullSecrets }),
    ...spec,
    ...(container && { containers: [container, ...others] }),
  };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
