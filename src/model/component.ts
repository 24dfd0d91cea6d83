import { z } from 'zod';

/** A component of a run, as known before its step begins. */
export interface PlannedComponent {
  instance: string;
  /** Number of its replicas, or the maximum. */
  replicas: number;
  /** Ports that it listens on; empty when they come from the output of an earlier step. */
  ports: number[];
}

/** Names of a component in a cluster, with the Service behind them. */
export const hostSchema = z.strictObject({
  /** Entries in the hosts files of the run's pods. */
  names: z.array(z.string()).min(1),
  /** Cluster IP of the Service. */
  address: z.string(),
  /** Name of the Service. */
  service: z.string(),
  instance: z.string(),
  /** Current ports of the Service, replaced by those of the component when it is deployed. */
  ports: z.array(z.number().int()),
});
export type Host = z.infer<typeof hostSchema>;
