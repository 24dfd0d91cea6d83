import { type Config, ConfigError } from '../config.ts';

/** True for names and addresses that only this machine can reach: RFC 6761 localhost, RFC 1122 127/8, RFC 4291 ::1. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Refuses to open the API to a network without a token. Throws ConfigError with what to do. */
export function assertSafeToListen(config: Pick<Config, 'HOST' | 'BRIGHTBIRD_ADMIN_TOKEN'>): void {
  if (isLoopback(config.HOST) || config.BRIGHTBIRD_ADMIN_TOKEN !== undefined) return;
  throw new ConfigError(
    `HOST=${config.HOST} opens the API to the network, and nobody would have to prove who they are.\n` +
      '  Set BRIGHTBIRD_ADMIN_TOKEN (at least 16 characters), or listen on 127.0.0.1 only.',
  );
}
