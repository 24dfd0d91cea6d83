import { collectDefaultMetrics, Registry } from 'prom-client';

let registry: Registry | undefined;

/** Returns the metrics of this process (memory, CPU, event loop, garbage collection), collected from the first call on. */
export function processMetrics(): Registry {
  if (!registry) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
  }
  return registry;
}
