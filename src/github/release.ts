import { z } from 'zod';
import type { Payload } from './read-payload.ts';
import type { Reading } from './reading.ts';
import { refSchema, repositorySchema, userSchema } from './shapes.ts';

const releaseSchema = z.object({
  repository: repositorySchema,
  sender: userSchema,
  action: z.string(),
  release: z.object({ tag_name: refSchema, draft: z.boolean() }),
});

/** `release`: an event of rules when it is published, which is when its tag exists for sure. Throws ZodError. */
export function readRelease(payload: Payload): Reading {
  const { repository, sender, action, release } = releaseSchema.parse(payload);
  const tag = release.tag_name;
  if (action !== 'published' || release.draft)
    return { summary: `the release of tag ${tag} was not published by this` };
  return {
    summary: `the release of tag ${tag} was published`,
    hook: { kind: 'tag_created', repo: repository.full_name, tag, by: sender.login },
  };
}
