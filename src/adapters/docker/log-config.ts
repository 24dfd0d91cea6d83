import type { HostConfig } from 'dockerode';

/**
 * Log of every container of a run, all options named: an engine adds its own defaults for those that are not, and rotation
 * or the non-blocking mode would lose lines. The engine takes no "unlimited", so the limit is a petabyte.
 */
export const logConfig = {
  Type: 'json-file',
  Config: { 'max-size': '1p', 'max-file': '1', compress: 'false', mode: 'blocking' },
} satisfies HostConfig['LogConfig'];
