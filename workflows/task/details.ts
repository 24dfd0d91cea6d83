import type { StepProgress } from '../../src/model/step.ts';
import { summarizeSteps } from '../../src/model/step-summary.ts';
import type { TaskRun } from './task-run.ts';

/** Images that the details list at most. */
const maxImages = 20;

/**
 * Returns the details of a run for Temporal's Web UI: images, numbers of steps by state, and a table of failed and
 * running steps.
 */
export function detailsOf(run: TaskRun): string {
  const head = `**${run.state}**${run.outcome ? ` (${run.outcome})` : ''}, attempt ${run.attempt}`;
  const error = run.error ? `\n\n${run.error.message}` : '';
  const held = run.heldUntil === undefined ? '' : `held until ${new Date(run.heldUntil).toISOString()}`;
  return [head + error, held, imagesOf(run), stepsOf(run)].filter((part) => part !== '').join('\n\n');
}

function imagesOf({ components }: TaskRun): string {
  const images = components.slice(0, maxImages).map(({ plugin, commit, built }) => {
    return `- ${plugin} at \`${commit}\`, image ${built ? 'built' : 'found'}`;
  });
  const more = components.length - images.length;
  return [...images, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}

function stepsOf({ summary, steps }: TaskRun): string {
  const { counts, failed, running } = summary ?? summarizeSteps(steps);
  const numbers = Object.entries(counts).map(([state, count]) => `${count} ${state}`);
  const rows = [...failed, ...running].map(
    (step) => `| ${step.instance} | ${stateOf(step)} | ${step.error?.message ?? ''} |`,
  );
  const table = rows.length === 0 ? [] : ['', '| step | state | error |', '|---|---|---|', ...rows];
  return numbers.length === 0 ? '' : [`steps: ${numbers.join(', ')}`, ...table].join('\n');
}

function stateOf({ state, tries = 1 }: StepProgress): string {
  return tries > 1 ? `${state}, try ${tries}` : state;
}
