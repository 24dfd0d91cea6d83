import type { Host } from '../../model/component.ts';

/** Returns `hostAliases` of a Pod (core/v1) by which it knows the names. */
export function hostAliases(hosts: readonly Host[]): { ip: string; hostnames: string[] }[] {
  return hosts.map(({ names, address }) => ({ ip: address, hostnames: names }));
}
