import { z } from 'zod';
import type { ParsedEvent } from './parsed-event.ts';
import type { Payload } from './read-payload.ts';
import { nameOf, optional, refSchema, repositorySchema, shaSchema } from './shapes.ts';

/** Limit of the characters of a title that are stored. */
const maxTitleLength = 300;

const number = optional(z.number().int());
const closedSchema = z.object({
  number,
  pull_request: z.object({
    number,
    merged: z.boolean().nullish(),
    merged_at: optional(z.string().min(1)),
  }),
});
const mergedSchema = z.object({
  repository: repositorySchema,
  pull_request: z.object({
    title: optional(z.string()),
    merge_commit_sha: shaSchema.nullish(),
    merged_by: z.unknown().optional(),
    base: z.object({ ref: refSchema }),
    head: z.object({ ref: refSchema }),
  }),
});

/** Reads a `pull_request` event; it triggers rules when a merge closed it. Throws ZodError. */
export function readPullRequest(payload: Payload): ParsedEvent {
  const action = z.object({ action: z.string() }).parse(payload).action;
  if (action !== 'closed') return { summary: 'a pull request changed, but was not merged' };
  const closed = closedSchema.parse(payload);
  const pullNumber = closed.pull_request.number ?? closed.number;
  const label = pullNumber === undefined ? 'a pull request' : `#${pullNumber}`;
  if (closed.pull_request.merged === false) return { summary: `${label} was closed without being merged` };
  // Without `merged`, `merged_at` proves a merge, but its absence proves nothing.
  if (closed.pull_request.merged_at === undefined) mergedFlagSchema.parse(payload);
  const { repository, pull_request: pull } = mergedSchema.parse(payload);
  return {
    summary: `${label} was merged into ${pull.base.ref}`,
    hook: {
      kind: 'pr_merged',
      repo: repository.full_name,
      base: pull.base.ref,
      source: pull.head.ref,
      ...(pullNumber !== undefined && { number: pullNumber }),
      title: (pull.title ?? '').slice(0, maxTitleLength),
      ...(pull.merge_commit_sha && { sha: pull.merge_commit_sha }),
      by: nameOf(pull.merged_by, payload.sender),
    },
  };
}

const mergedFlagSchema = z.object({ pull_request: z.object({ merged: z.literal(true) }) });
