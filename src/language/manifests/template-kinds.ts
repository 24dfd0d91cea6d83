/** Kinds of a service's objects, by the file name of their template without extension. */
export const templateKinds = {
  configmap: 'ConfigMap',
  headless: 'Service',
  statefulset: 'StatefulSet',
} as const satisfies Record<string, string>;

export type TemplateName = keyof typeof templateKinds;

export type TemplateKind = (typeof templateKinds)[TemplateName];

export const templateNames = Object.keys(templateKinds) as TemplateName[];
