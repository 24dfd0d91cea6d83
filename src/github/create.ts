import { z } from 'zod';
import type { Payload } from './read-payload.ts';
import type { Reading } from './reading.ts';
import { refSchema, repositorySchema, userSchema } from './shapes.ts';

/** The event's name is not signed: `master_branch`, which a `delete` does not have, tells that this is no deletion. */
const createSchema = z.object({
  repository: repositorySchema,
  sender: userSchema,
  ref: refSchema,
  ref_type: z.string().max(50),
  master_branch: z.string(),
});

/** `create` of a branch or a tag: an event of rules when it is a tag. Throws ZodError. */
export function readCreate(payload: Payload): Reading {
  const { repository, sender, ref, ref_type } = createSchema.parse(payload);
  if (ref_type !== 'tag') return { summary: `the ${ref_type} ${ref} was created, which is no tag` };
  return {
    summary: `tag ${ref} was created`,
    hook: { kind: 'tag_created', repo: repository.full_name, tag: ref, by: sender.login },
  };
}
