import type Docker from 'dockerode';
import type { DeployedService } from '../../model/deployed-service.ts';
import type { OnStepWait } from '../../model/waiting.ts';

/** Where a step's service goes, and what its containers carry. */
export interface ServicePlace {
  network: string;
  /** Labels of everything that the run makes. */
  labels: Record<string, string>;
  testId: string;
  attempt: number;
  instance: string;
}

export interface ServiceRequest {
  docker: Docker;
  place: ServicePlace;
  image: string;
  service: DeployedService;
  print(line: string): Promise<void>;
  tellWait: OnStepWait;
  signal: AbortSignal;
}
