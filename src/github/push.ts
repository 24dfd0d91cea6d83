import { z } from 'zod';
import type { Payload } from './read-payload.ts';
import type { Reading } from './reading.ts';
import { refSchema, repositorySchema, shaSchema, userSchema } from './shapes.ts';

const tagPrefix = 'refs/tags/';
const pushSchema = z.object({
  repository: repositorySchema,
  sender: userSchema,
  ref: refSchema,
  created: z.boolean(),
  deleted: z.boolean(),
  after: shaSchema,
  /** Of an annotated tag it is the commit, while `after` is the tag's own object. */
  head_commit: z.object({ id: shaSchema }).nullish(),
});

/** `push`: an event of rules when it made a tag. Throws ZodError. */
export function readPush(payload: Payload): Reading {
  const { repository, sender, ref, created, deleted, after, head_commit } = pushSchema.parse(payload);
  if (!ref.startsWith(tagPrefix)) return { summary: `a push to ${ref}, which is no tag` };
  const tag = ref.slice(tagPrefix.length);
  if (deleted || !created) return { summary: `tag ${tag} was ${deleted ? 'deleted' : 'moved'}, not created` };
  return {
    summary: `tag ${tag} was pushed`,
    hook: { kind: 'tag_created', repo: repository.full_name, tag, sha: head_commit?.id ?? after, by: sender.login },
  };
}
