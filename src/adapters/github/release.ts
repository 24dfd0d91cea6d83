import { z } from 'zod';
import type { ParsedEvent } from './parsed-event.ts';
import type { Payload } from './read-payload.ts';
import { nameOf, optional, refSchema, repositorySchema } from './shapes.ts';

const actionSchema = z.object({ action: z.string() });
const releaseSchema = z.object({
  repository: repositorySchema,
  release: z.object({ tag_name: refSchema, draft: optional(z.boolean()), author: z.unknown().optional() }),
});

/** Reads a `release` event; it triggers rules when it is published, as its tag certainly exists then. Throws ZodError. */
export function readRelease(payload: Payload): ParsedEvent {
  if (actionSchema.parse(payload).action !== 'published')
    return { summary: 'a release changed, but was not published' };
  const { repository, release } = releaseSchema.parse(payload);
  const tag = release.tag_name;
  if (release.draft) return { summary: `the release of tag ${tag} is a draft` };
  return {
    summary: `the release of tag ${tag} was published`,
    hook: { kind: 'tag_created', repo: repository.full_name, tag, by: nameOf(payload.sender, release.author) },
  };
}
