import type { Logger } from 'pino';
import type { Runtime } from '../../model/engine/runtime.ts';
import type { Mask } from '../../model/mask.ts';
import type { ArtifactStore } from '../../model/ports/artifacts.ts';
import type { ContainerStore } from '../../model/ports/containers.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import type { OutputStore } from '../../model/ports/outputs.ts';
import type { StepStore } from '../../model/ports/steps.ts';

/** Ports for the supervision of a run. */
export interface SuperviseRunPorts {
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
