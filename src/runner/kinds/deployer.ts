import type { DeployedService } from '../../model/deployed-service.ts';
import type { ServiceNames } from '../../model/engine/service-names.ts';
import type { StepRun } from './kind.ts';

/** Deploys one service and returns the names of the created objects. */
export type DeployService = (run: StepRun, service: DeployedService, image: string) => Promise<ServiceNames>;
