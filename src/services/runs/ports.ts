import type { Logger } from 'pino';
import type { ContainerStore } from '../../model/container.ts';
import type { Runtime } from '../../model/engine/runtime.ts';
import type { LogStore } from '../../model/log.ts';
import type { Mask } from '../../model/mask.ts';
import type { StepStore } from '../../model/ports/step.ts';
import type { ArtifactStore, OutputStore } from '../../model/ports/stores.ts';

/** What following needs of the rest. */
export interface FollowPorts {
  runtime: Runtime;
  logs: LogStore;
  steps: StepStore;
  outputs: OutputStore;
  artifacts: ArtifactStore;
  /** Hides the task's secrets in what its containers print. */
  mask: Mask;
  containers: ContainerStore;
  log: Logger;
}
