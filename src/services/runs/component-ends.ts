import type { TaskContainer } from '../../model/container.ts';
import type { ContainerState } from '../../model/engine/runtime.ts';
import { type FaultReport, faultCatalogue } from '../../model/fault.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import type { StepProgress } from '../../model/step.ts';
import { addNote } from '../logs/collect/add-note.ts';
import { compareStamps } from '../logs/stamps.ts';

type End = Pick<ContainerState, 'source' | 'exitCode' | 'outOfMemory' | 'fault'>;

/** How a component's container has ended, in words that follow its name. */
function describeEnd({ exitCode, outOfMemory, fault }: End): string {
  if (outOfMemory) return 'was killed for memory';
  if (fault?.code === 'component_lost') return 'was deleted';
  if (fault) return `ended: ${fault.message}`;
  return `ended with exit code ${exitCode ?? 'unknown'}`;
}

/** An init container, or another one beside a pod's first, may end in good order. */
const isOrderly = ({ source, exitCode, fault }: End): boolean => exitCode === 0 && !fault && source.includes('/');

/** Says in a component's log that its container has ended, once whoever sees it, where that is. */
export async function noteEnd(logs: LogStore, state: ContainerState): Promise<void> {
  const { finishedAt, streamId, source } = state;
  if (state.running || finishedAt === undefined || isOrderly(state)) return;
  await addNote(logs, streamId, (position) => {
    const { answeredExit } = position;
    if (answeredExit !== undefined && compareStamps(finishedAt, answeredExit) <= 0) return undefined;
    const text = `${source} ${describeEnd(state)} while the test ran`;
    return { at: finishedAt, text, position: { ...position, answeredExit: finishedAt } };
  });
}

/** What happened to a component before a step failed. */
interface Loss extends End {
  /** Unknown of one that is gone without a trace. */
  at?: string;
}

/**
 * The error of a failed step with the components that were lost while it ran, or before it and for good. Killed for memory,
 * evicted or deleted, they are why the step has failed, and whose fault that is; a component's own crash is what a test is for.
 */
export function blameComponents(
  step: StepProgress,
  containers: readonly TaskContainer[],
  isThere: (container: TaskContainer) => boolean,
): FaultReport | undefined {
  const { error, startedAt = '', finishedAt = '' } = step;
  if (!error || (error.code !== 'step_failed' && error.code !== 'step_timeout')) return error;
  const components = containers.filter(({ role }) => role === 'component');
  const runs = new Set(components.filter((one) => one.running && isThere(one)).map(({ source }) => source));
  const losses = components.flatMap((one): Loss[] => {
    if (one.running) return isThere(one) || runs.has(one.source) ? [] : [{ source: one.source, fault: lost(one) }];
    const { finishedAt: at = '' } = one;
    const isLater = finishedAt !== '' && compareStamps(at, finishedAt) > 0;
    const isEarlier = runs.has(one.source) && compareStamps(at, startedAt) < 0;
    return isOrderly(one) || isLater || isEarlier ? [] : [{ ...one, at }];
  });
  if (losses.length === 0) return error;
  const causes = losses.map((loss) => `${loss.source} ${describeEnd(loss)}${before(loss.at, finishedAt)}`);
  const codes = losses.map(({ outOfMemory, fault }) => (outOfMemory ? 'out_of_memory' : fault?.code));
  const code = codes.find((one) => one !== undefined && faultCatalogue[one].outcome === 'infrastructure');
  const message = `${error.message}; ${[...new Set(causes)].join('; ')}`;
  return { ...error, message, ...(code && { code, hint: hintOf(losses) ?? error.hint }) };
}

function lost({ source }: TaskContainer): FaultReport {
  const hint = 'somebody else has removed it; the events and the audit log of the engine tell who';
  return { code: 'component_lost', message: `${source} was deleted`, hint };
}

function hintOf(losses: readonly Loss[]): string | undefined {
  if (losses.some(({ outOfMemory }) => outOfMemory)) return 'raise resources.limits.memory of the component';
  return losses.find(({ fault }) => fault?.hint)?.fault?.hint;
}

function before(at: string | undefined, failedAt: string): string {
  if (at === undefined || failedAt === '') return '';
  const seconds = Math.max(0, Math.round((Date.parse(failedAt) - Date.parse(at)) / 1000));
  return ` ${seconds} s before`;
}
