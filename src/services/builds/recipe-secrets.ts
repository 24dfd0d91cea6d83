import type { BuildRecipe } from '../../model/plugin.ts';
import { readSecrets } from '../secrets/read-secrets.ts';

/**
 * Reads the values of a recipe's secrets, by the names of a script's variables, which are the secrets' ids in a Dockerfile.
 * Throws `secret_invalid`.
 */
export async function recipeSecrets(
  { secrets = {} }: BuildRecipe,
  secretStore: string,
): Promise<Record<string, string>> {
  const values = await readSecrets(secretStore, Object.values(secrets));
  return Object.fromEntries(Object.entries(secrets).map(([variable, name]) => [variable, values[name] ?? '']));
}
