import { z } from 'zod';
import { isLoopback } from './manifest-url.ts';
import { reasonOf, sendRequest, UnexpectedResponseError } from './registry-request.ts';

const tokenSchema = z.union([z.object({ token: z.string() }), z.object({ access_token: z.string() })]);

/**
 * Returns the authorization for a registry's challenge: a token for reading `name` from its token service (distribution,
 * "Token Authentication Specification"), or the account itself. Returns undefined when neither applies. Throws an Error with
 * the failure of the token service.
 */
export async function answerChallenge(
  challenge: string,
  name: string,
  basic: string | undefined,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const [, parameters] = /\bbearer\s+(.*)/i.exec(challenge) ?? [];
  if (parameters === undefined) return /\bbasic\b/i.test(challenge) ? basic : undefined;
  const { realm, service, scope } = Object.fromEntries(
    [...parameters.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]),
  );
  if (realm === undefined || !URL.canParse(realm)) throw new Error('its challenge has no valid token service');
  const url = new URL(realm);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.host))) {
    throw new Error(`its token service ${url.host} does not use https`);
  }
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', scope ?? `repository:${name}:pull`);
  const headers = { ...(basic && { authorization: basic }) };
  const response = await sendRequest(url.href, { headers }, signal).catch((error: unknown) => {
    throw new Error(`its token service ${url.host} failed: ${reasonOf(error)}`);
  });
  if (response.status !== 200) {
    throw new UnexpectedResponseError(`its token service ${url.host} answered ${response.status}`, response.status);
  }
  const found = tokenSchema.safeParse(await response.json().catch(() => undefined));
  if (!found.success) throw new Error(`its token service ${url.host} returned no token`);
  return `Bearer ${'token' in found.data ? found.data.token : found.data.access_token}`;
}
