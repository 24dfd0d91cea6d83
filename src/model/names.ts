import { z } from 'zod';

/** Names for labels, network aliases and parts of URLs: RFC 1123 labels, and `_` for the original's plugins. */
export const nameSchema = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/, 'letters, digits, and - _ . between them');

/** A step's name inside a flow; see `dnsName` for the DNS name derived from it. */
export const instanceNameSchema = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/, 'letters, digits, and - _ between them');

/** Returns the DNS name of an instance: lower case, with `-` for `_` (RFC 1123). */
export function dnsName(instance: string): string {
  return instance.toLowerCase().replaceAll('_', '-');
}

/** Name of an environment variable; POSIX has no stricter rule. */
export const variableNameSchema = z
  .string()
  .regex(/^[^=]+$/, 'the name of a variable must not be empty or contain =')
  .describe('the name of a variable must not be empty or contain =');

/** Name of a secret: its file name in the secret store, and its name in references. */
export const secretNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'letters, digits, - and _');
