import { createHash } from 'node:crypto';
import type { DeployedService } from '../../model/deployed-service.ts';
import type { RenderRequest } from './render-request.ts';
import { verbatim } from './verbatim.ts';

/** Fields of a service's templates; docs/guides/plugins.md lists them for authors. */
export interface TemplateValues extends Record<string, unknown> {
  NameSpace: string;
  TestID: string;
  UniqueId: string;
  Name: string;
}

/**
 * Returns the fields of a service's templates: the deployed service, the fields of all templates of the original, and the
 * members of the step's input with capitalized names, as in the original's plugins.
 */
export function templateValues(request: RenderRequest, name: string): TemplateValues {
  const { service, image, instance, registry, testId, attempt, namespace, input, mysqlDSN = '' } = request;
  const files = service.configFiles.map(({ path, content }, index) => ({ Key: `file-${index}`, Path: path, content }));
  return {
    ...Object.fromEntries(Object.entries(input).map(([key, value]) => [capitalized(key), value])),
    // As in the original's plugins, a DSN in the step's input wins.
    MysqlDSN: typeof input.mysqlDSN === 'string' && input.mysqlDSN !== '' ? input.mysqlDSN : mysqlDSN,
    NameSpace: namespace,
    Registry: registry,
    PrivateRegistry: registry,
    TestID: testId,
    ReTry: attempt,
    UniqueId: uniqueId(request),
    InstanceName: instance,
    CodeVersion: typeof input.codeVersion === 'string' ? input.codeVersion : '',
    Name: name,
    Image: image,
    Command: (service.command ?? []).map(verbatim),
    Args: (service.args ?? []).map(verbatim),
    Env: Object.entries(service.env).map(([key, value]) => ({ name: key, value: verbatim(value) })),
    Ports: service.ports.map((one, index) => ({ Name: one.name ?? `port-${index}`, Port: one.port })),
    Replicas: service.replicas,
    ReadinessPath: service.readiness.path ?? '',
    ReadinessPort: readinessPort(service),
    // An empty name means that an optional input was left out.
    Volumes: service.volumes
      .filter((volume) => volume.name !== '')
      .map((volume, index) => ({ Key: `volume-${index}`, Claim: volume.name, Path: volume.mountPath })),
    ConfigFiles: files.map(({ Key, Path }) => ({ Key, Path })),
    ConfigData: Object.fromEntries(files.map(({ Key, content }) => [Key, content])),
  };
}

export function readinessPort({ readiness, ports }: DeployedService): number {
  return readiness.port ?? ports[0]?.port ?? 0;
}

/** Returns a unique text for names of objects: the test's id, the attempt, a hash of the instance. */
function uniqueId({ testId, attempt, instance }: RenderRequest): string {
  return `${testId}${attempt}${createHash('sha256').update(instance).digest('hex').slice(0, 8)}`;
}

function capitalized(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}
