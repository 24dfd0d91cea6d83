import type { ContainerInspectInfo } from 'dockerode';
import { roleLabel, sourceLabel } from '../labels.ts';
import type { ContainerState } from '../runtime.ts';
import { comparable } from '../stamps.ts';

/** The engine's way to say never. */
const never = '0001-01-01T00:00:00Z';

/** What the engine tells about a container, or undefined before its first start: until then it has no log. */
export function containerState({ Id, Name, Config, State }: ContainerInspectInfo): ContainerState | undefined {
  if (State.StartedAt === never) return undefined;
  const role = Config.Labels[roleLabel] === 'runner' ? 'runner' : 'component';
  return {
    // On Docker the container is the pod, so both halves of the stream's id are its own id.
    streamId: `${Id.slice(0, 12)}/${Id}`,
    containerId: Id,
    name: Name.slice(1),
    source: role === 'runner' ? 'runner' : (Config.Labels[sourceLabel] ?? Name.slice(1)),
    role,
    running: State.Running,
    startedAt: comparable(State.StartedAt),
    ...(!State.Running &&
      State.FinishedAt !== never && {
        finishedAt: comparable(State.FinishedAt),
        exitCode: State.ExitCode,
        outOfMemory: State.OOMKilled,
      }),
  };
}
