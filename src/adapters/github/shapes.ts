import { z } from 'zod';

/** What the events' payloads share: https://docs.github.com/en/webhooks/webhook-events-and-payloads */
const fullName = z.string().min(1).max(300);
export const repositorySchema = z.union([
  z.object({ full_name: fullName }),
  // GitHub's own parts of the name, where a relay left the full one out.
  z
    .object({ name: z.string().min(1), owner: z.object({ login: z.string().min(1) }) })
    .transform(({ name, owner }) => ({ full_name: `${owner.login}/${name}` }))
    .pipe(z.object({ full_name: fullName })),
]);
/** Git takes names up to what a path may be long; GitHub cuts at 255 bytes. */
export const refSchema = z.string().min(1).max(1000);
/** SHA-1, or SHA-256 of repositories that have it. */
export const shaSchema = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);

/** A field that no rule needs: null, or of another shape, it counts as absent. */
export function optional<T extends z.ZodType>(schema: T) {
  return z
    .preprocess((value) => value ?? undefined, schema.optional())
    .optional()
    .catch(undefined);
}

const name = z.string().min(1).max(200);
const personSchema = z.union([
  z.object({ login: name }).transform(({ login }) => login),
  z.object({ name }).transform(({ name: pusher }) => pusher),
]);

/** The name of the first of these users that the payload has, or `unknown`. */
export function nameOf(...users: unknown[]): string {
  for (const user of users) {
    const { data } = personSchema.safeParse(user);
    if (data !== undefined) return data;
  }
  return 'unknown';
}
