import type { BuildRecipe } from '../../model/plugin.ts';
import { readSecrets } from '../secrets/read-secrets.ts';

/**
 * The values of a recipe's secrets, by the variables in which a script finds them, which are their ids for a Dockerfile.
 * Throws `secret_invalid`.
 */
export async function recipeSecrets(
  { secrets = {} }: BuildRecipe,
  secretStore: string,
): Promise<Record<string, string>> {
  const values = await readSecrets(secretStore, Object.values(secrets));
  return Object.fromEntries(Object.entries(secrets).map(([variable, name]) => [variable, values[name] ?? '']));
}
