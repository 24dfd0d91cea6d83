import type { DeployedService } from '../../model/deployed-service.ts';
import type { ServiceNames } from '../../model/engine/service-names.ts';
import type { StepRun } from './kind.ts';

/** Deploys one service and answers with the names of what it made. */
export type Deploy = (run: StepRun, service: DeployedService, image: string) => Promise<ServiceNames>;
