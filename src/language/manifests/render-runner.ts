import { type PodManifest, podManifestSchema } from '../../model/engine/manifest.ts';
import { Fault, type Issue } from '../../model/fault.ts';
import type { Resources } from '../../model/placement.ts';
import { labelNames, type RunIdentity, runAnnotations, runnerName } from '../../model/run.ts';
import { renderTemplate } from '../template/render-template.ts';
import { readYaml, type YamlSource } from '../template/yaml-source.ts';

/** Fields of a runner's template, with the original's names. */
export interface RunnerValues {
  NameSpace: string;
  Registry: string;
  TestID: string;
  ReTry: number;
  /** The runner's arguments, already quoted for YAML and separated by commas. */
  Args: string;
}

/** Grace period of a stopped runner, of which its programs get 5 s. */
const stopGraceSeconds = 15;

/** The original's own runner image, which is replaced by ours. */
const originalImage = /^(?:[^@]+\/)?filvenus\/testrunner:zsk$/;

/**
 * Renders a runner's Pod template, validates the Pod, and then sets on the object: the name of the attempt, label and
 * annotations of the run, the default grace period, and BrightBird's own runner image for the first container unless the
 * template names another than the original's. Throws `template_invalid` with the location in the template, or in the
 * rendered YAML.
 */
export function renderRunner(input: {
  template: { name: string; text: string };
  values: RunnerValues;
  run: RunIdentity;
  runnerImage: string;
  /** Default resources of the first container. */
  resources?: Resources | undefined;
}): PodManifest {
  const { template, values, run, runnerImage, resources } = input;
  const rendered = renderTemplate(template.text, { ...values }, { name: template.name });
  // A testId such as 12345678 or 1e234567 would otherwise be parsed as a number.
  const texts = [values.NameSpace, values.TestID].filter((text) => text !== '');
  const yaml = readYaml(rendered, { file: template.name, texts });
  if (yaml.issues.length > 0) throw podFault(template.name, yaml.issues);
  const manifest = checkPod(template.name, yaml, values.TestID);
  const { metadata, spec } = manifest;
  metadata.name = runnerName(run);
  metadata.labels[labelNames.retry] = String(run.attempt);
  metadata.annotations = { ...metadata.annotations, ...runAnnotations(run) };
  spec.terminationGracePeriodSeconds ??= stopGraceSeconds;
  const [runner] = spec.containers;
  if (runner && (!runner.image || originalImage.test(runner.image))) runner.image = runnerImage;
  if (runner && resources) runner.resources ??= resources;
  return manifest;
}

function checkPod(name: string, { value, place }: YamlSource, testId: string): PodManifest {
  const parsed = podManifestSchema.safeParse(value());
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => {
      const where = place(issue.path);
      const problem = issue.message.replace(/^Invalid input: /, '');
      return { message: where.path ? `${where.path}: ${problem}` : problem, where };
    });
    throw podFault(name, issues);
  }
  const { labels } = parsed.data.metadata;
  const hint =
    'add apptype: testrunner and testid: {{.TestID}} to metadata.labels: they select the objects of a run for cleanup';
  const issues: Issue[] = [];
  if (!labels[labelNames.appType]) issues.push({ message: `label ${labelNames.appType} is missing`, hint });
  if (labels[labelNames.testId] !== testId) {
    const problem = labels[labelNames.testId] === undefined ? 'is missing' : 'is not {{.TestID}}';
    issues.push({ message: `label ${labelNames.testId} ${problem}`, hint });
  }
  if (issues.length > 0) {
    throw podFault(
      name,
      issues.map((issue) => ({ ...issue, where: place(['metadata', 'labels'], { key: true }) })),
    );
  }
  return parsed.data;
}

function podFault(name: string, issues: readonly Issue[]): Fault {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const message = `${name}, rendered line ${first?.where?.line}: ${first?.message}${more}`;
  return new Fault('template_invalid', message, { where: first?.where, hint: first?.hint, issues });
}
