import { z } from 'zod';
import type { ParsedEvent } from './parsed-event.ts';
import type { Payload } from './read-payload.ts';
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
    /** Commit of an annotated tag, whose `after` is the tag object. */
    head_commit: optional(z.object({ id: shaSchema })),
  })
  .transform(({ created, deleted, before, after, ...rest }, context) => {
    // The zero id means no object: as `before` the tag is new, as `after` it is deleted.
    const isNew = created ?? (before && isZero(before));
    const isGone = deleted ?? (after ? isZero(after) : isNew ? false : undefined);
    if (isNew === undefined) context.addIssue({ code: 'custom', path: ['created'], message: 'missing' });
    if (isGone === undefined) context.addIssue({ code: 'custom', path: ['deleted'], message: 'missing' });
    return { ...rest, isNew, isGone, after };
  });

/** Reads a `push` event; it triggers rules when it created a tag. Throws ZodError. */
export function readPush(payload: Payload): ParsedEvent {
  const { ref } = pushSchema.parse(payload);
  if (!ref.startsWith(tagPrefix)) return { summary: `a push to ${ref}, which is not a tag` };
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
