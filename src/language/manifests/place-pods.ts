import type { Placement } from '../../model/placement.ts';

/** A pod's spec with the part that a placement sets. */
interface PodSpec extends Record<string, unknown> {
  containers?: Record<string, unknown>[] | undefined;
}

/**
 * Applies the placement of a service to its pods: resources and privileges of the first container, and scheduling. The
 * template's own values win.
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
