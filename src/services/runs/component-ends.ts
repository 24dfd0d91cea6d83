import type { TaskContainer } from '../../model/container.ts';
import type { ContainerState } from '../../model/engine/runtime.ts';
import { type FaultReport, faultCatalogue } from '../../model/fault.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import type { StepProgress } from '../../model/step.ts';
import { addNote } from '../logs/collect/add-note.ts';
import { compareTimestamps } from '../logs/timestamps.ts';

type End = Pick<ContainerState, 'source' | 'exitCode' | 'outOfMemory' | 'fault'>;

/** Describes the end of a component's container, to follow its name in a sentence. */
function describeEnd({ exitCode, outOfMemory, fault }: End): string {
  if (outOfMemory) return 'ran out of memory';
  if (fault?.code === 'component_lost') return 'was deleted';
  if (fault) return `ended: ${fault.message}`;
  return `ended with exit code ${exitCode ?? 'unknown'}`;
}

/** True for the regular end of an init container or a sidecar. */
const isOrderly = ({ source, exitCode, fault }: End): boolean => exitCode === 0 && !fault && source.includes('/');

/** Adds a note to a component's log that its container has ended, once also with concurrent followers. */
export async function noteContainerEnd(logs: LogStore, state: ContainerState): Promise<void> {
  const { finishedAt, streamId, source } = state;
  if (state.running || finishedAt === undefined || isOrderly(state)) return;
  await addNote(logs, streamId, (position) => {
    const { answeredExit } = position;
    if (answeredExit !== undefined && compareTimestamps(finishedAt, answeredExit) <= 0) return undefined;
    const text = `${source} ${describeEnd(state)} while the test ran`;
    return { at: finishedAt, text, position: { ...position, answeredExit: finishedAt } };
  });
}

/** Loss of a component before a step failed. */
interface Loss extends End {
  /** Absent if the container vanished without a trace. */
  at?: string;
}

/**
 * Returns the error of a failed step, extended by the components that were lost while it ran, or before it and not replaced.
 * Out of memory, eviction and deletion make it an infrastructure fault; a component's own crash stays a test failure.
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
    const isLater = finishedAt !== '' && compareTimestamps(at, finishedAt) > 0;
    const isEarlier = runs.has(one.source) && compareTimestamps(at, startedAt) < 0;
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
  const hint = 'it was deleted from outside BrightBird; see the events and the audit log of the engine';
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
