import type { RenderRequest } from '../../language/manifests/render-request.ts';
import type { TemplateName } from '../../language/manifests/template-kinds.ts';
import type { OnStepWait } from '../../model/waiting.ts';
import type { Cluster } from './cluster.ts';

/** Request to deploy a service in a cluster. */
export interface ServiceRequest extends Omit<RenderRequest, 'namespace' | 'templates'> {
  cluster: Cluster;
  templates: Record<TemplateName, string>;
  print(line: string): Promise<void>;
  tellWait: OnStepWait;
  signal: AbortSignal;
}
