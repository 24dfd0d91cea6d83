import type { FaultReport } from './fault.ts';
import type { BuildRecipe } from './plugin.ts';

export const buildStates = ['waiting', 'running', 'success', 'error'] as const;
export type BuildState = (typeof buildStates)[number];

/** The record of an image's newest build: `waiting` for a slot, then `running`, then the result. */
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
  /** Tasks that joined it, until they are deleted. */
  taskIds: string[];
  /** Temporal run of its workflow `build/<id>`; '' before that begins. */
  runId: string;
  /** Time when its log was deleted because its retention expired. */
  logsRemovedAt?: Date;
  createdAt: Date;
}

/** An image that exists. */
export interface FoundImage {
  /** `sha256:…` of its manifest, if the registry reports it; without a registry, of the image in the engine's store. */
  digest?: string;
  /** Its name, when it was found in another registry than the first one. */
  image?: string;
}

/** Input of a `build` workflow: one image of one commit and recipe. */
export interface BuildInput {
  image: string;
  repo: string;
  commit: string;
  recipe: BuildRecipe;
  /** Base image that is part of its name; without it, the base image of the worker that builds it. */
  baseImage?: string;
}

/** The run of a task that waits for a build. */
export interface BuildWaiter {
  workflowId: string;
  runId: string;
}

/** The result of a build, as sent to its waiters. */
export interface BuildEnd extends FoundImage {
  buildId: string;
  /** False when the image already existed. */
  built: boolean;
  error?: FaultReport;
}

/** Name of the `build` workflow's message that adds a waiting task. */
export const buildMessages = { join: 'join' } as const;

/** Returns the image's full name with `~` for `/`: safe in URLs, and unique because image names contain no `~`. */
export function buildId(image: string): string {
  return image.replaceAll('/', '~');
}

/** Returns the id of the log stream of a run of a build. */
export function buildStream(id: string, runId: string): string {
  return `build/${id}/${runId}`;
}
