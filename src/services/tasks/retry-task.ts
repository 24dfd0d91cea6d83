import { checkInput } from '../../language/flow/check-input.ts';
import { checkReferences } from '../../language/flow/check-references.ts';
import { inputPath } from '../../language/flow/reference-syntax.ts';
import { findFailedStep } from '../../model/failed-steps.ts';
import { Fault, type Issue } from '../../model/fault.ts';
import type { PluginStore } from '../../model/ports/plugins.ts';
import type { Task } from '../../model/task.ts';
import { awaitRecord } from './await-record.ts';
import { requireHeld, type SteerPorts } from './hold-task.ts';

/** Limit of an edited input as JSON, which passes through Temporal. */
const maxInputBytes = 64 * 1024;

/**
 * Runs a held task again in its environment from the failed step on, with an edited input for that step if given.
 * Faults: not_found, conflict when it is not held, input_invalid with every issue of the input, too_large, unavailable.
 */
export async function retryFromFailed(
  ports: SteerPorts & { plugins: PluginStore },
  taskId: string,
  { input, by, key }: { input?: Record<string, unknown>; by: string; key?: string },
): Promise<{ attempt: number }> {
  const task = await requireHeld(ports.tasks, taskId, key);
  if (input && task.state === 'held') await checkEdit(ports.plugins, task, input);
  const answer = await ports.steering.retry(taskId, { from: 'failed', input, by }, key);
  await awaitRecord(ports.tasks, taskId, ({ attempt }) => attempt >= answer.attempt);
  return answer;
}

/** Checks an edited input of the failed step as the save of a flow would. */
async function checkEdit(plugins: PluginStore, task: Task, input: Record<string, unknown>): Promise<void> {
  if (Buffer.byteLength(JSON.stringify(input)) > maxInputBytes) {
    throw new Fault('too_large', `the input exceeds the limit of ${maxInputBytes / 1024} KB of JSON`, {
      where: { path: 'input' },
    });
  }
  const failed = findFailedStep(task.steps, task.error)?.instance;
  const index = task.pipeline.findIndex(({ instance }) => instance === failed);
  const planned = await Promise.all(
    task.pipeline.map(async (step) => ({ step, plugin: await plugins.get(step.plugin, step.version) })),
  );
  const edited = planned[index];
  if (!edited) throw new Fault('conflict', `task ${task.id} has no failed step to retry`);
  const steps = planned.with(index, { ...edited, step: { ...edited.step, input } });
  const issues = [
    ...checkReferences(steps, index, task.globals),
    ...(edited.plugin ? checkInput(input, edited.plugin.inputSchema) : []),
  ].map(({ at, message, hint }): Issue => ({ message, hint, where: { step: failed, path: inputPath(at) } }));
  const [first] = issues;
  if (first) throw new Fault('input_invalid', first.message, { where: first.where, hint: first.hint, issues });
}
