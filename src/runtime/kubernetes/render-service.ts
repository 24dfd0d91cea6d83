import { z } from 'zod';
import { Fault } from '../../model/fault.ts';
import { labelNames } from '../../model/run.ts';
import { renderTemplate } from '../../template/render-template.ts';
import { readYaml } from '../../template/yaml-source.ts';
import { roleLabel } from '../labels.ts';
import { instanceLabel } from './container-states.ts';
import { hostAliases } from './hosts.ts';
import { ownerReference } from './identity.ts';
import type { Kind, Manifest } from './resources.ts';
import { type ServiceRequest, type TemplateName, templateKinds, templateNames } from './service-request.ts';

const marked = z.looseObject({
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});
const templated = z.looseObject({ metadata: marked.prefault({}) });
const podTemplate = templated.extend({
  spec: z.looseObject({ hostAliases: z.array(z.looseObject({ ip: z.string() })).nullish() }).optional(),
});
const objectSchema = z.looseObject({
  kind: z.string(),
  metadata: marked.extend({ name: z.string(), namespace: z.string().optional() }),
  spec: z
    .looseObject({ template: podTemplate.optional(), volumeClaimTemplates: z.array(templated).optional() })
    .optional(),
});

/**
 * The objects of a service from their templates, with the marks of the run on all of them, on their pods and claims too.
 * Throws `template_invalid` with the line of the rendered template.
 */
export function renderService(request: ServiceRequest, name: string): { kind: Kind; manifest: Manifest }[] {
  const values = valuesOf(request, name);
  return templateNames.map((template) => ({
    kind: templateKinds[template],
    manifest: renderObject(request, template, values),
  }));
}

function valuesOf({ service, image, instance, registry, testId, attempt, cluster }: ServiceRequest, name: string) {
  const files = service.configFiles.map(({ path, content }, index) => ({ Key: `file-${index}`, Path: path, content }));
  return {
    NameSpace: cluster.namespace.name,
    Registry: registry,
    TestID: testId,
    ReTry: attempt,
    InstanceName: instance,
    Name: name,
    Image: image,
    Command: service.command ?? [],
    Args: service.args ?? [],
    Env: Object.entries(service.env).map(([key, value]) => ({ name: key, value })),
    Ports: service.ports.map((one, index) => ({ Name: one.name ?? `port-${index}`, Port: one.port })),
    Replicas: service.replicas,
    ReadinessPath: service.readiness.path ?? '',
    ReadinessPort: readinessPort(service),
    // An input that is left out names no volume, so that a plugin may offer one.
    Volumes: service.volumes
      .filter((volume) => volume.name !== '')
      .map((volume, index) => ({ Key: `volume-${index}`, Claim: volume.name, Path: volume.mountPath })),
    ConfigFiles: files.map(({ Key, Path }) => ({ Key, Path })),
    ConfigData: Object.fromEntries(files.map(({ Key, content }) => [Key, content])),
  };
}

export function readinessPort({ readiness, ports }: ServiceRequest['service']): number {
  return readiness.port ?? ports[0]?.port ?? 0;
}

function renderObject(request: ServiceRequest, template: TemplateName, values: ReturnType<typeof valuesOf>): Manifest {
  const file = `${template}.yaml`;
  const text = renderTemplate(request.templates[template], values, { name: file });
  const { document, mistakes, place } = readYaml(text, { file, texts: [values.TestID, values.Name] });
  const [broken] = mistakes;
  if (broken) throw refused(file, broken.message, broken.where);
  const parsed = objectSchema.safeParse(document.toJS());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(file, `${z.core.toDotPath(issue?.path ?? [])}: ${issue?.message}`, place(issue?.path ?? []));
  }
  const { kind, metadata, spec } = parsed.data;
  const expected = templateKinds[template];
  if (kind !== expected) throw refused(file, `kind is ${kind}, not ${expected}`, place(['kind']));
  if (metadata.name !== values.Name) {
    throw refused(file, `metadata.name is ${metadata.name}, not {{.Name}}`, place(['metadata', 'name']));
  }
  const own = marksOfInstance(request);
  return {
    ...parsed.data,
    metadata: { ...marks(metadata, own), name: metadata.name, ownerReferences: [ownerReference(request.marks.owner)] },
    ...(spec && {
      spec: {
        ...spec,
        ...(spec.template && { template: podOf(request, spec.template, own) }),
        ...(spec.volumeClaimTemplates && {
          volumeClaimTemplates: spec.volumeClaimTemplates.map((one) => ({
            ...one,
            metadata: marks(one.metadata, own),
          })),
        }),
      },
    }),
  };
}

/** The pods of the component know the others by their names, whatever their template says. */
function podOf({ marks: { hosts } }: ServiceRequest, pod: z.infer<typeof podTemplate>, own: Marked): object {
  const { spec } = pod;
  return {
    ...pod,
    metadata: marks(pod.metadata, own),
    ...(spec && { spec: { ...spec, hostAliases: [...(spec.hostAliases ?? []), ...hostAliases(hosts)] } }),
  };
}

type Marked = z.infer<typeof marked>;

function marks<T extends Marked>(metadata: T, own: Marked): T {
  return {
    ...metadata,
    labels: { ...metadata.labels, ...own.labels },
    annotations: { ...metadata.annotations, ...own.annotations },
  };
}

function marksOfInstance({ marks, instance }: ServiceRequest): Marked {
  const { labels, annotations } = marks;
  const component = { [labelNames.appType]: 'component', [roleLabel]: 'component', [instanceLabel]: instance };
  return { labels: { ...labels, ...component }, annotations };
}

function refused(file: string, message: string, where: Fault['where']): Fault {
  const line = where?.line === undefined ? '' : `, rendered line ${where.line}`;
  return new Fault('template_invalid', `${file}${line}: ${message}`, { ...(where && { where }) });
}
