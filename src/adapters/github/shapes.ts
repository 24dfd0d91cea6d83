import { z } from 'zod';

/** Fields that the events' payloads share: https://docs.github.com/en/webhooks/webhook-events-and-payloads */
const fullName = z.string().min(1).max(300);
export const repositorySchema = z.union([
  z.object({ full_name: fullName }),
  // A relay may have left the full name out: it is joined from GitHub's parts.
  z
    .object({ name: z.string().min(1), owner: z.object({ login: z.string().min(1) }) })
    .transform(({ name, owner }) => ({ full_name: `${owner.login}/${name}` }))
    .pipe(z.object({ full_name: fullName })),
]);
/** Git allows names up to the limit of a path; GitHub cuts at 255 bytes. */
export const refSchema = z.string().min(1).max(1000);
/** A SHA-1, or a SHA-256 in repositories that use it. */
export const shaSchema = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);

/** Makes a field optional that no rule needs: null or another shape counts as absent. */
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

/** Returns the name of the first user that has one, or `unknown`. */
export function nameOf(...users: unknown[]): string {
  for (const user of users) {
    const { data } = personSchema.safeParse(user);
    if (data !== undefined) return data;
  }
  return 'unknown';
}
