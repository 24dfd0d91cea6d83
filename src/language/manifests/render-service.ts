import { z } from 'zod';
import { instanceLabel, roleLabel } from '../../model/engine/labels.ts';
import type { Manifest } from '../../model/engine/objects.ts';
import { Fault, type Place } from '../../model/fault.ts';
import { labelNames } from '../../model/run.ts';
import { renderTemplate } from '../template/render-template.ts';
import { readYaml } from '../template/yaml-source.ts';
import { hostAliases } from './host-aliases.ts';
import { ownerReference } from './owner-reference.ts';
import { placePods } from './place-pods.ts';
import type { RenderRequest } from './render-request.ts';
import { type TemplateKind, type TemplateName, templateKinds, templateNames } from './template-kinds.ts';
import { type TemplateValues, templateValues } from './template-values.ts';

const marked = z.looseObject({
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
});

const templated = z.looseObject({ metadata: marked.prefault({}) });

const podTemplate = templated.extend({
  spec: z
    .looseObject({
      hostAliases: z.array(z.looseObject({ ip: z.string() })).nullish(),
      containers: z.array(z.looseObject({})).optional(),
    })
    .optional(),
});

const objectSchema = z.looseObject({
  kind: z.string(),
  metadata: marked.extend({ name: z.string(), namespace: z.string().optional() }),
  spec: z
    .looseObject({ template: podTemplate.optional(), volumeClaimTemplates: z.array(templated).optional() })
    .optional(),
});

export interface RenderedObject {
  kind: TemplateKind;
  manifest: Manifest;
  /** File name of its template. */
  file: string;
  /** Returns the location of a field in the rendered template, or of its nearest parent. */
  place(path: readonly (string | number)[]): Place;
}

/**
 * Renders the objects of a service from their templates, with the marks of the run on all objects, pods and claims. Throws
 * `template_invalid` with the line of the rendered template.
 */
export function renderTemplates(request: RenderRequest, name: string): RenderedObject[] {
  const values = templateValues(request, name);
  return templateNames.flatMap((template) => {
    const text = request.templates[template];
    return text === undefined ? [] : [renderObject(request, template, text, values)];
  });
}

function renderObject(
  request: RenderRequest,
  template: TemplateName,
  source: string,
  values: TemplateValues,
): RenderedObject {
  const file = `${template}.yaml`;
  const text = renderTemplate(source, values, { name: file });
  const { value, issues, place } = readYaml(text, { file, texts: [values.TestID, values.Name, values.UniqueId] });
  const [broken] = issues;
  if (broken) throw refused(file, broken.message, broken.where);
  const parsed = objectSchema.safeParse(value());
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(file, `${z.core.toDotPath(issue?.path ?? [])}: ${issue?.message}`, place(issue?.path ?? []));
  }
  const { kind, metadata, spec } = parsed.data;
  const expected = templateKinds[template];
  if (kind !== expected) throw refused(file, `kind is ${kind}, not ${expected}`, place(['kind']));
  if (metadata.name !== values.Name && !metadata.name.includes(values.TestID)) {
    const problem = `metadata.name is ${metadata.name}, the same for every test: use {{.Name}} or {{.UniqueId}}`;
    throw refused(file, problem, place(['metadata', 'name']));
  }
  if ((metadata.namespace ?? values.NameSpace) !== values.NameSpace) {
    throw refused(
      file,
      `metadata.namespace is ${metadata.namespace}, not {{.NameSpace}}`,
      place(['metadata', 'namespace']),
    );
  }
  const own = marksOfInstance(request);
  const manifest = {
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
  return { kind: expected, manifest, file, place: (path) => place([...path]) };
}

/** Adds host aliases to the component's pods, so that they resolve the other components, independent of the template. */
function podOf({ marks: { hosts }, service }: RenderRequest, pod: z.infer<typeof podTemplate>, own: Marked): object {
  const { spec } = pod;
  return {
    ...pod,
    metadata: marks(pod.metadata, own),
    ...(spec && {
      spec: placePods({ ...spec, hostAliases: [...(spec.hostAliases ?? []), ...hostAliases(hosts)] }, service),
    }),
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

function marksOfInstance({ marks, instance }: RenderRequest): Marked {
  const { labels, annotations } = marks;
  const component = { [labelNames.appType]: 'component', [roleLabel]: 'component', [instanceLabel]: instance };
  return { labels: { ...labels, ...component }, annotations };
}

function refused(file: string, message: string, where: Fault['where']): Fault {
  const line = where?.line === undefined ? '' : `, rendered line ${where.line}`;
  return new Fault('template_invalid', `${file}${line}: ${message}`, { where });
}
