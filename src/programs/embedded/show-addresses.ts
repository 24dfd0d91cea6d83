import type { System } from './start-all.ts';

/** Prints the addresses of the running system. */
export function showAddresses({ apiUrl, uiUrl, temporalAddress }: System): void {
  console.log(`  API                ${apiUrl} (description at /docs)`);
  if (uiUrl) console.log(`  Temporal's Web UI  ${uiUrl}`);
  console.log(`  Temporal's CLI     temporal --address ${temporalAddress}`);
}
