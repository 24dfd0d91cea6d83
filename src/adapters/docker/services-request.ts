import type Docker from 'dockerode';
import type { DeployedService } from '../../model/deployed-service.ts';
import type { OnStepWait } from '../../model/waiting.ts';

/** Network of a step's service, and the labels and names of its containers. */
export interface ServicePlace {
  network: string;
  /** Labels of all objects of the run. */
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
