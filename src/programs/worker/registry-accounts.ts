import { type AccountOf, createAccounts } from '../../adapters/images/accounts.ts';
import { type Config, registryAccount } from '../config.ts';

/** Returns the registry accounts of the settings: the account of the first registry and those of REGISTRY_AUTH_FILE. */
export function registryAccounts(config: Config): AccountOf {
  const { REGISTRY: registry, REGISTRY_AUTH_FILE: authFile } = config;
  return createAccounts({ registry, account: registryAccount(config), authFile });
}
