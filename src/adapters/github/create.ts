import { z } from 'zod';
import type { Payload } from './read-payload.ts';
import type { Reading } from './reading.ts';
import { nameOf, refSchema, repositorySchema } from './shapes.ts';

/** The event's name is not signed: a `delete` has neither of these fields, which a `create` always has, be they null. */
const createSchema = z
  .object({ repository: repositorySchema, ref: refSchema, ref_type: z.string().min(1).max(50) })
  .loose()
  .refine((payload) => 'master_branch' in payload || 'description' in payload, {
    path: ['master_branch'],
    error: 'missing, as in a deletion',
  });

/** `create` of a branch or a tag: an event of rules when it is a tag. Throws ZodError. */
export function readCreate(payload: Payload): Reading {
  const { repository, ref, ref_type } = createSchema.parse(payload);
  if (ref_type !== 'tag') return { summary: `the ${ref_type} ${ref} was created, which is no tag` };
  return {
    summary: `tag ${ref} was created`,
    hook: { kind: 'tag_created', repo: repository.full_name, tag: ref, by: nameOf(payload.sender) },
  };
}
