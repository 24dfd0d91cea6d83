import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { Fault } from '../../model/fault.ts';
import type { RegistryAccount } from './push-image.ts';

/** Finds the account for an image's registry, or undefined. Throws `registry_refused` when the file cannot be read. */
export type AccountOf = (image: string) => Promise<RegistryAccount | undefined>;

export interface AccountsOptions {
  /** Registry of `account`. */
  registry: string;
  account: RegistryAccount | undefined;
  /** Path of a file in the form of Docker's config.json; `account` has priority over its accounts. */
  authFile: string | undefined;
}

const fileSchema = z.object({
  auths: z
    .record(
      z.string(),
      z.object({ auth: z.string().optional(), username: z.string().optional(), password: z.string().optional() }),
    )
    .default({}),
});

/** Finds accounts by the longest prefix of an image's name. Reads the file each time, as it may be rotated. */
export function createAccounts({ registry, account, authFile }: AccountsOptions): AccountOf {
  return async (image) => {
    if (account && registry !== '' && image.startsWith(`${registry}/`)) return account;
    if (authFile === undefined) return undefined;
    const accounts = await readAccounts(authFile);
    const keys = [...accounts.keys()].filter((key) => image.startsWith(`${key}/`));
    return accounts.get(keys.sort((a, b) => b.length - a.length)[0] ?? '');
  };
}

async function readAccounts(path: string): Promise<Map<string, RegistryAccount>> {
  let file: z.infer<typeof fileSchema>;
  try {
    file = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    // A parse error is not passed on: it could quote a part of the file.
    throw new Fault('registry_refused', `cannot read registry accounts from REGISTRY_AUTH_FILE=${path}`, {
      hint: 'use the form of Docker’s config.json: {"auths": {"<registry>": {"auth": "<base64 of name:password>"}}}',
      cause: cause instanceof Error && 'code' in cause ? cause : undefined,
    });
  }
  const found = new Map<string, RegistryAccount>();
  for (const [key, { auth, username, password }] of Object.entries(file.auths)) {
    const [, name, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth ?? '', 'base64').toString()) ?? [];
    const entry = { username: username ?? name, password: password ?? secret };
    if (entry.username === undefined || entry.password === undefined) continue;
    found.set(prefixOf(key), { username: entry.username, password: entry.password });
  }
  return found;
}

/** Returns the image prefix of a key: Docker writes hosts, and Docker Hub as `https://index.docker.io/v1/`. */
function prefixOf(key: string): string {
  const plain = key.replace(/^https?:\/\//, '').replace(/\/(v[12]\/?)?$/, '');
  return plain === 'index.docker.io' ? 'docker.io' : plain;
}
