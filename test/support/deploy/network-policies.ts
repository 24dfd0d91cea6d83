interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: { key: string; operator: string; values?: string[] }[];
}

export interface PolicyView {
  spec: {
    podSelector: Selector;
    ingress?: { from?: { podSelector?: Selector }[]; ports?: { port: string | number }[] }[];
  };
}

export interface PodOfPolicy {
  metadata: { name: string; labels: Record<string, string> };
  spec: { containers: { ports?: { name?: string; containerPort: number }[] }[] };
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, { metadata }: PodOfPolicy): boolean {
  const { labels } = metadata;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator }) => {
      if (operator !== 'Exists') throw new Error(`the tests do not support the operator ${operator}`);
      return key in labels;
    })
  );
}

/**
 * Evaluates NetworkPolicies by their API reference for a connection to a port of `to`: from a pod of the same namespace, or,
 * without `from`, from elsewhere. Policies never block probes, which come from the node.
 */
export function lets(
  policies: readonly PolicyView[],
  from: PodOfPolicy | undefined,
  to: PodOfPolicy,
  port: number,
): boolean {
  const isolating = policies.filter(({ spec }) => selects(spec.podSelector, to));
  if (isolating.length === 0) return true;
  const names = to.spec.containers.flatMap(({ ports }) => ports ?? []).filter((one) => one.containerPort === port);
  const isPort = (wanted: string | number) => wanted === port || names.some(({ name }) => name === wanted);
  return isolating
    .flatMap(({ spec }) => spec.ingress ?? [])
    .some(
      (rule) =>
        (!rule.from || (from && rule.from.some(({ podSelector }) => podSelector && selects(podSelector, from)))) &&
        (!rule.ports || rule.ports.some((one) => isPort(one.port))),
    );
}
