import type { HostConfig } from 'dockerode';

/**
 * Log options of every container of a run. All are set, as the engine adds its own defaults for missing ones, and
 * rotation or the non-blocking mode would lose lines. The engine has no value for "unlimited", so the limit is a
 * petabyte.
 */
export const logConfig = {
  Type: 'json-file',
  Config: { 'max-size': '1p', 'max-file': '1', compress: 'false', mode: 'blocking' },
} satisfies HostConfig['LogConfig'];
