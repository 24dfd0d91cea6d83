import { z } from 'zod';
import type { ParsedEvent } from './parsed-event.ts';
import type { Payload } from './read-payload.ts';
import { nameOf, refSchema, repositorySchema } from './shapes.ts';

/** The event's name is not signed; these fields, which may be null, tell a `create` from a `delete`. */
const createSchema = z
  .object({ repository: repositorySchema, ref: refSchema, ref_type: z.string().min(1).max(50) })
  .loose()
  .refine((payload) => 'master_branch' in payload || 'description' in payload, {
    path: ['master_branch'],
    error: 'missing, as in a deletion',
  });

/** Reads a `create` event; it triggers rules when it created a tag. Throws ZodError. */
export function readCreate(payload: Payload): ParsedEvent {
  const { repository, ref, ref_type } = createSchema.parse(payload);
  if (ref_type !== 'tag') return { summary: `the ${ref_type} ${ref} was created; it is not a tag` };
  return {
    summary: `tag ${ref} was created`,
    hook: { kind: 'tag_created', repo: repository.full_name, tag: ref, by: nameOf(payload.sender) },
  };
}
