import { Fault } from '../fault.ts';

// Suffixes of Kubernetes' resource.Quantity (kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity).
const factors: Record<string, number> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

function parseQuantity(value: string | number, path: string): number {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(String(value));
  const factor = factors[match?.[2] ?? '?'];
  if (!match || factor === undefined) {
    throw new Fault('template_invalid', `${String(value)} is not a valid quantity`, {
      where: { path },
      hint: 'write it like 500m, 2 or 256Mi',
    });
  }
  return Number(match[1]) * factor;
}

/** Returns the bytes of a quantity such as `256Mi`. Throws `template_invalid`. */
export function parseBytes(value: string | number, path: string): number {
  return Math.round(parseQuantity(value, path));
}

/** Returns the billionths of a CPU of a quantity such as `500m`. Throws `template_invalid`. */
export function parseNanoCpus(value: string | number, path: string): number {
  return Math.round(parseQuantity(value, path) * 1e9);
}
