import { z } from 'zod';
import type { Payload } from './read-payload.ts';
import type { Reading } from './reading.ts';
import { refSchema, repositorySchema, shaSchema, userSchema } from './shapes.ts';

/** Characters of a title that are kept. */
const titleLength = 300;

const closedSchema = z.object({
  repository: repositorySchema,
  sender: userSchema,
  pull_request: z.object({
    number: z.number().int(),
    title: z.string(),
    merged: z.literal(true),
    merge_commit_sha: shaSchema,
    merged_by: userSchema.nullish(),
    base: z.object({ ref: refSchema }),
    head: z.object({ ref: refSchema }),
  }),
});
const unmergedSchema = z.object({ pull_request: z.object({ number: z.number().int(), merged: z.literal(false) }) });

/** `pull_request`: an event of rules when it was closed by a merge. Throws ZodError. */
export function readPullRequest(payload: Payload): Reading {
  if (payload.action !== 'closed') return { summary: 'a pull request changed, but was not merged' };
  const unmerged = unmergedSchema.safeParse(payload);
  if (unmerged.success) return { summary: `#${unmerged.data.pull_request.number} was closed without being merged` };
  const { repository, sender, pull_request: pull } = closedSchema.parse(payload);
  return {
    summary: `#${pull.number} was merged into ${pull.base.ref}`,
    hook: {
      kind: 'pr_merged',
      repo: repository.full_name,
      base: pull.base.ref,
      source: pull.head.ref,
      number: pull.number,
      title: pull.title.slice(0, titleLength),
      sha: pull.merge_commit_sha,
      by: pull.merged_by?.login ?? sender.login,
    },
  };
}
