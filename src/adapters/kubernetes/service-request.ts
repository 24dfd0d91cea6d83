import type { DeployedService } from '../../model/deployed-service.ts';
import type { OnStepWait } from '../../model/waiting.ts';
import type { WorkFile } from '../../model/work.ts';
import type { Cluster } from './cluster.ts';
import type { Kind } from './resources.ts';

/** Templates of the objects that a service becomes, by their file names without the ending. */
export const templateKinds = {
  configmap: 'ConfigMap',
  headless: 'Service',
  statefulset: 'StatefulSet',
} as const satisfies Record<string, Kind>;
export type TemplateName = keyof typeof templateKinds;
export type TemplateKind = (typeof templateKinds)[TemplateName];
export const templateNames = Object.keys(templateKinds) as TemplateName[];

export interface ServiceRequest {
  cluster: Cluster;
  /** Owner, labels and annotations of everything that the run makes. */
  marks: Extract<WorkFile['runtime'], { kind: 'kubernetes' }>;
  testId: string;
  attempt: number;
  instance: string;
  registry: string;
  image: string;
  service: DeployedService;
  /** The step's input, whose members templates may use. */
  input: Record<string, unknown>;
  /** DSN of the test's database, where the site has a MySQL server. */
  mysqlDSN?: string;
  templates: Record<TemplateName, string>;
  print(line: string): Promise<void>;
  tellWait: OnStepWait;
  signal: AbortSignal;
}
