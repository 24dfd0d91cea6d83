import { type AccountOf, createAccounts } from '../../adapters/images/accounts.ts';
import { type Config, registryAccount } from '../config.ts';

/** The accounts at registries that the settings name: that of the first registry, and those of the file. */
export function registryAccounts(config: Config): AccountOf {
  const { REGISTRY: registry, REGISTRY_AUTH_FILE: authFile } = config;
  return createAccounts({ registry, account: registryAccount(config), authFile });
}
