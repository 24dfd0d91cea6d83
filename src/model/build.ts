import type { FaultReport } from './fault.ts';
import type { BuildRecipe } from './plugin.ts';

export const buildStates = ['waiting', 'running', 'success', 'error'] as const;
export type BuildState = (typeof buildStates)[number];

/** The record of an image's newest build: `waiting` for a slot, then `running`, then how it ended. */
export interface Build extends Omit<FoundImage, 'image'> {
  id: string;
  image: string;
  repo: string;
  commit: string;
  state: BuildState;
  startedAt?: Date;
  finishedAt?: Date;
  durationMs?: number;
  error?: FaultReport;
  /** The tasks that joined it, until they are deleted. */
  taskIds: string[];
  /** The Temporal run of its workflow `build/<id>`; '' until that has begun. */
  runId: string;
  /** Since when its log is removed: it is older than logs are kept. */
  logsRemovedAt?: Date;
  createdAt: Date;
}

/** An image that exists. */
export interface FoundImage {
  /** `sha256:…` of its manifest in the registry, where that tells it; without a registry, of the image in the engine's own store. */
  digest?: string;
  /** Its name, where it was found in another registry than the one that was asked for first. */
  image?: string;
}

/** Input of a `build` workflow: one image of one commit and recipe. */
export interface BuildInput {
  image: string;
  repo: string;
  commit: string;
  recipe: BuildRecipe;
  /** The base image that its name tells apart; without it, the one of the worker that builds it. */
  baseImage?: string;
}

/** The run of a task that waits for a build. */
export interface BuildWaiter {
  workflowId: string;
  runId: string;
}

/** How a build ended, as its waiters are told. */
export interface BuildEnd extends FoundImage {
  buildId: string;
  /** False when the image was there already. */
  built: boolean;
  error?: FaultReport;
}

/** Name of the `build` workflow's message: one more task waits for it. */
export const buildMessages = { join: 'join' } as const;

/** The image's full name with `~` for `/`: safe in URLs, and two images never share one, as no name has a `~`. */
export function buildId(image: string): string {
  return image.replaceAll('/', '~');
}

/** The log of one run of a build, whoever shows it. */
export function buildStream(id: string, runId: string): string {
  return `build/${id}/${runId}`;
}
