import type { Host } from '../../model/component.ts';

/** Returns the `hostAliases` of a Pod (core/v1) for the hosts. */
export function hostAliases(hosts: readonly Host[]): { ip: string; hostnames: string[] }[] {
  return hosts.map(({ names, address }) => ({ ip: address, hostnames: names }));
}
