import type { DeployedService } from '../../model/deployed-service.ts';
import type { WorkFile } from '../../model/work.ts';
import type { TemplateName } from './template-kinds.ts';

/** Input for the objects of a service; only the given templates are rendered. */
export interface RenderRequest {
  /** Owner, labels and annotations of all objects of the run. */
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
  /** DSN of the test's database, if the site has a MySQL server. */
  mysqlDSN?: string;
  templates: { [name in TemplateName]?: string | undefined };
}
