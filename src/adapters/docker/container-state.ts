import type { ContainerInspectInfo } from 'dockerode';
import { roleLabel, sourceLabel } from '../../model/engine/labels.ts';
import type { ContainerState } from '../../model/engine/runtime.ts';
import { normalizeTimestamp } from '../../model/engine/timestamps.ts';
import { logConfig } from './log-config.ts';

/** The engine's value for "never". */
const zeroTime = '0001-01-01T00:00:00Z';

/** Returns the state of a container, or undefined before its first start: until then it has no log. */
export function containerState({
  Id,
  Name,
  Config,
  State,
  HostConfig,
}: ContainerInspectInfo): ContainerState | undefined {
  if (State.StartedAt === zeroTime) return undefined;
  const role = Config.Labels[roleLabel] === 'runner' ? 'runner' : 'component';
  return {
    // On Docker the container is the pod, so both halves of the stream's id are its own id.
    streamId: `${Id.slice(0, 12)}/${Id}`,
    containerId: Id,
    name: Name.slice(1),
    source: role === 'runner' ? 'runner' : (Config.Labels[sourceLabel] ?? Name.slice(1)),
    role,
    ...(hasRotatingLog(HostConfig) && { logRotates: true }),
    running: State.Running,
    startedAt: normalizeTimestamp(State.StartedAt),
    ...(!State.Running &&
      State.FinishedAt !== zeroTime && {
        finishedAt: normalizeTimestamp(State.FinishedAt),
        exitCode: State.ExitCode,
        outOfMemory: State.OOMKilled,
      }),
  };
}

/** Tells whether a plugin's own container rotates its log: `local` does by default, `json-file` only if configured. */
function hasRotatingLog({ LogConfig }: ContainerInspectInfo['HostConfig']): boolean {
  const size: unknown = LogConfig?.Config?.['max-size'];
  if (size === logConfig.Config['max-size']) return false;
  return LogConfig?.Type === 'local' || (LogConfig?.Type === 'json-file' && size !== undefined && size !== '-1');
}
