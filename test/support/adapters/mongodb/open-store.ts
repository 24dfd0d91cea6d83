import { randomBytes } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { connectStore, type Store } from '../../../../src/adapters/mongodb/connect.ts';
import { testMongo } from '../../jest/servers.ts';

export interface TestStore {
  store: Store;
  uri: string;
  close(): Promise<void>;
}

/** Opens a store on an empty database of its own; `close` removes the database. */
export async function openStore(): Promise<TestStore> {
  const url = new URL((await testMongo()).uri);
  url.pathname = `/test-${randomBytes(6).toString('hex')}`;
  const uri = url.href;
  const store = await connectStore(uri);
  return {
    store,
    uri,
    async close() {
      await store.close();
      const client = await MongoClient.connect(uri);
      await client.db(url.pathname.slice(1)).dropDatabase();
      await client.close();
    },
  };
}
