import { z } from 'zod';
import type { Payload } from './read-payload.ts';
import type { Reading } from './reading.ts';
import { nameOf, optional, refSchema, repositorySchema, shaSchema } from './shapes.ts';

const tagPrefix = 'refs/tags/';
const pushSchema = z.object({ ref: refSchema });
const tagPushSchema = z
  .object({
    repository: repositorySchema,
    created: z.boolean().nullish(),
    deleted: z.boolean().nullish(),
    before: optional(shaSchema),
    after: optional(shaSchema),
    /** Of an annotated tag it is the commit, while `after` is the tag's own object. */
    head_commit: optional(z.object({ id: shaSchema })),
  })
  .transform(({ created, deleted, before, after, ...rest }, context) => {
    // No object has the id of zeros: before it the tag did not exist, after it it does not any more.
    const isNew = created ?? (before && isZero(before));
    const isGone = deleted ?? (after ? isZero(after) : isNew ? false : undefined);
    if (isNew === undefined) context.addIssue({ code: 'custom', path: ['created'], message: 'missing' });
    if (isGone === undefined) context.addIssue({ code: 'custom', path: ['deleted'], message: 'missing' });
    return { ...rest, isNew, isGone, after };
  });

/** `push`: an event of rules when it made a tag. Throws ZodError. */
export function readPush(payload: Payload): Reading {
  const { ref } = pushSchema.parse(payload);
  if (!ref.startsWith(tagPrefix)) return { summary: `a push to ${ref}, which is no tag` };
  const { repository, isNew, isGone, after, head_commit } = tagPushSchema.parse(payload);
  const tag = refSchema.parse(ref.slice(tagPrefix.length));
  if (isGone || !isNew) return { summary: `tag ${tag} was ${isGone ? 'deleted' : 'moved'}, not created` };
  const sha = head_commit?.id ?? after;
  return {
    summary: `tag ${tag} was pushed`,
    hook: {
      kind: 'tag_created',
      repo: repository.full_name,
      tag,
      ...(sha !== undefined && { sha }),
      by: nameOf(payload.sender, payload.pusher),
    },
  };
}

function isZero(sha: string): boolean {
  return /^0+$/.test(sha);
}
