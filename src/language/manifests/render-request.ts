import type { DeployedService } from '../../model/deployed-service.ts';
import type { WorkFile } from '../../model/work.ts';
import type { TemplateName } from './template-kinds.ts';

/** What the objects of a service are made of; of templates only those that are wanted. */
export interface RenderRequest {
  /** Owner, labels and annotations of everything that the run makes. */
  marks: Extract<WorkFile['runtime'], { kind: 'kubernetes' }>;
  namespace: string;
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
  templates: { [name in TemplateName]?: string | undefined };
}
