import { z } from 'zod';

/** Names that become labels, network aliases and parts of URLs: RFC 1123 labels, and `_` as the original's plugins have it. */
export const nameSchema = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/, 'letters, digits, and - _ . between them');

/** A step's name inside a flow; it becomes a DNS name, so RFC 1123 allows no `_` and no capitals in what is derived from it. */
export const instanceNameSchema = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/, 'letters, digits, and - _ between them');

/** The DNS name that others reach an instance by: lower case, `_` becomes `-` (RFC 1123). */
export function dnsName(instance: string): string {
  return instance.toLowerCase().replaceAll('_', '-');
}

/** Name of an environment variable: POSIX has no other rule, and what more a program expects is its own. */
export const variableNameSchema = z
  .string()
  .regex(/^[^=]+$/, 'the name of a variable is not empty and has no =')
  .describe('the name of a variable is not empty and has no =');

/** Name of a secret: of its file in the store of secrets, and of a reference to it. */
export const secretNameSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'letters, digits, - and _');
