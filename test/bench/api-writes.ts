import type { Api } from '../../src/adapters/kubernetes/api.ts';

const write = /^apiserver_request_total\{(?=.*verb="(?:POST|PUT|PATCH|DELETE)")(?=.*resource="([a-z]+)").*\} (\S+)$/gm;
/** Resources that a task and its pod write. Excludes leases and periodic writes of controllers. */
const counted = ['pods', 'configmaps', 'secrets', 'events', 'services', 'statefulsets', 'jobs'];

/** Reads the number of writes of all clients to the API server by resource, from its metrics. */
export async function apiWrites(api: Api): Promise<Map<string, number>> {
  const pieces: Buffer[] = [];
  for await (const piece of await api.stream({ path: '/metrics' })) pieces.push(piece);
  const found = new Map<string, number>();
  for (const [, resource = '', value = ''] of Buffer.concat(pieces).toString('utf8').matchAll(write)) {
    if (counted.includes(resource)) found.set(resource, (found.get(resource) ?? 0) + Number(value));
  }
  return found;
}

/** Formats the writes per task between two readings, such as `pods 5.0, secrets 2.0 = 7.0`; events separately. */
export function writesEach(before: Map<string, number>, after: Map<string, number>, tasks: number): string {
  const each = [...after].map(([name, value]) => [name, (value - (before.get(name) ?? 0)) / tasks] as const);
  const shown = each.filter(([name, value]) => value >= 0.05 && name !== 'events');
  const events = each.find(([name]) => name === 'events')?.[1] ?? 0;
  const sum = shown.reduce((all, [, value]) => all + value, 0);
  return `${shown.map(([name, value]) => `${name} ${value.toFixed(1)}`).join(', ')} = ${sum.toFixed(1)}; events ${events.toFixed(1)}`;
}
