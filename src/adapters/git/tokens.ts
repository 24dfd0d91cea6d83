import type { RepositoryUrl } from '../../model/repository-url.ts';

const pairPattern = /^((?:\[[0-9a-f:]+\]|localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::\d+)?)=(.+)$/i;
const loopback = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/;

/**
 * Parses GIT_TOKEN: a token for github.com, or `host=token` pairs, comma-separated. Each token is for one host,
 * so that a repository elsewhere cannot obtain it.
 */
export function parseTokens(setting: string): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const item of setting.split(',')) {
    const text = item.trim();
    if (text === '') continue;
    const [, host, token] = pairPattern.exec(text) ?? [];
    tokens.set(host?.toLowerCase() ?? 'github.com', token ?? text);
  }
  return tokens;
}

/** Returns the token of the repository's host; undefined over plain http, except on this machine. */
export function tokenFor(tokens: ReadonlyMap<string, string>, { scheme, host }: RepositoryUrl): string | undefined {
  const isSecure = scheme === 'https' || (scheme === 'http' && loopback.test(host));
  return isSecure ? tokens.get(host) : undefined;
}
