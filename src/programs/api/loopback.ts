import { type Config, ConfigError } from '../config.ts';

/** Returns true for names and addresses of this machine alone: RFC 6761 localhost, RFC 1122 127/8, RFC 4291 ::1. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Throws ConfigError when HOST would open the API to the network without a token. */
export function assertSafeToListen(config: Pick<Config, 'HOST' | 'BRIGHTBIRD_ADMIN_TOKEN'>): void {
  if (isLoopback(config.HOST) || config.BRIGHTBIRD_ADMIN_TOKEN !== undefined) return;
  throw new ConfigError(
    `HOST=${config.HOST} would open the API to the network without authentication.\n` +
      '  Set BRIGHTBIRD_ADMIN_TOKEN (at least 16 characters), or listen on 127.0.0.1 only.',
  );
}
