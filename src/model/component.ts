import { z } from 'zod';

/** A component of a run, as far as it is known before its step has begun. */
export interface PlannedComponent {
  instance: string;
  /** Number of its replicas, or the most that it may have. */
  replicas: number;
  /** Ports that it answers on; empty when they come from the output of a step before it. */
  ports: number[];
}

/** A name that a component is reached by in a cluster, with the Service that stands for it. */
export const hostSchema = z.strictObject({
  /** Names in the hosts files of the run's pods. */
  names: z.array(z.string()).min(1),
  /** Cluster IP of the Service. */
  address: z.string(),
  /** Name of the Service. */
  service: z.string(),
  instance: z.string(),
  /** Ports that the Service has so far; they become those of the component when it is deployed. */
  ports: z.array(z.number().int()),
});
export type Host = z.infer<typeof hostSchema>;
