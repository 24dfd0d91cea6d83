import { z } from 'zod';

/** What the events' payloads share: https://docs.github.com/en/webhooks/webhook-events-and-payloads */
export const repositorySchema = z.object({ full_name: z.string().min(1).max(300) });
export const userSchema = z.object({ login: z.string().min(1).max(200) });
/** Git takes names up to what a path may be long; GitHub cuts at 255 bytes. */
export const refSchema = z.string().min(1).max(1000);
/** SHA-1, or SHA-256 of repositories that have it. */
export const shaSchema = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
