import { type PodManifest, podManifestSchema } from '../../model/engine/manifest.ts';
import { Fault, type Mistake } from '../../model/fault.ts';
import type { Resources } from '../../model/placement.ts';
import { labelNames, makerOf, type RunIdentity, runnerName } from '../../model/run.ts';
import { renderTemplate } from '../template/render-template.ts';
import { readYaml, type YamlSource } from '../template/yaml-source.ts';

/** What a runner's template can use; the names are the original's. */
export interface RunnerValues {
  NameSpace: string;
  Registry: string;
  TestID: string;
  ReTry: number;
  /** The runner's arguments, already quoted for YAML and separated by commas. */
  Args: string;
}

/** Seconds that a runner has to end itself when its run is stopped; it gives its programs 5 of them. */
const stopGrace = 15;

/** The image that the original's template names for a runner of its own, which stands for ours. */
const originalImage = /^(?:[^@]+\/)?filvenus\/testrunner:zsk$/;

/**
 * Renders a runner's Pod template as it stands, checks the Pod, and then sets on the object what the template cannot know:
 * the name of the attempt, label and annotations of the run, how long it has to end where the template does not say, and
 * BrightBird's own runner image for the first container where the template names none, or the original's. Throws `template_invalid` with the place in the template, or, once it
 * is rendered, in the YAML that it made.
 */
export function renderRunner(input: {
  template: { name: string; text: string };
  values: RunnerValues;
  run: RunIdentity;
  runnerImage: string;
  /** For the first container, where the template says nothing of its resources. */
  resources?: Resources | undefined;
}): PodManifest {
  const { template, values, run, runnerImage, resources } = input;
  const rendered = renderTemplate(template.text, { ...values }, { name: template.name });
  // A testId such as 12345678 or 1e234567 would otherwise become a number.
  const texts = [values.NameSpace, values.TestID].filter((text) => text !== '');
  const yaml = readYaml(rendered, { file: template.name, texts });
  if (yaml.mistakes.length > 0) throw podFault(template.name, yaml.mistakes);
  const manifest = checkPod(template.name, yaml, values.TestID);
  const { metadata, spec } = manifest;
  metadata.name = runnerName(run);
  metadata.labels[labelNames.retry] = String(run.attempt);
  metadata.annotations = { ...metadata.annotations, ...makerOf(run) };
  spec.terminationGracePeriodSeconds ??= stopGrace;
  const [runner] = spec.containers;
  if (runner && (!runner.image || originalImage.test(runner.image))) runner.image = runnerImage;
  if (runner && resources) runner.resources ??= resources;
  return manifest;
}

function checkPod(name: string, { value, place }: YamlSource, testId: string): PodManifest {
  const parsed = podManifestSchema.safeParse(value());
  if (!parsed.success) {
    const mistakes = parsed.error.issues.map((issue) => {
      const where = place(issue.path);
      const problem = issue.message.replace(/^Invalid input: /, '');
      return { message: where.path ? `${where.path}: ${problem}` : problem, where };
    });
    throw podFault(name, mistakes);
  }
  const { labels } = parsed.data.metadata;
  const hint =
    'add apptype: testrunner and testid: {{.TestID}} to metadata.labels: by them a run is found and cleaned up';
  const mistakes: Mistake[] = [];
  if (!labels[labelNames.appType]) mistakes.push({ message: `label ${labelNames.appType} is missing`, hint });
  if (labels[labelNames.testId] !== testId) {
    const problem = labels[labelNames.testId] === undefined ? 'is missing' : 'is not {{.TestID}}';
    mistakes.push({ message: `label ${labelNames.testId} ${problem}`, hint });
  }
  if (mistakes.length > 0) {
    throw podFault(
      name,
      mistakes.map((mistake) => ({ ...mistake, where: place(['metadata', 'labels'], { key: true }) })),
    );
  }
  return parsed.data;
}

function podFault(name: string, mistakes: readonly Mistake[]): Fault {
  const [first] = mistakes;
  const more = mistakes.length > 1 ? ` (and ${mistakes.length - 1} more)` : '';
  const message = `${name}, rendered line ${first?.where?.line}: ${first?.message}${more}`;
  return new Fault('template_invalid', message, { where: first?.where, hint: first?.hint, mistakes });
}
