import { expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import { readConfig } from '../../../src/programs/config.ts';
import { startMongo } from '../../../src/programs/embedded/mongo.ts';
import { processesOf, temporaryHome, until } from '../../support/programs/embedded/holder.ts';

interface Item {
  _id: string;
  key: string;
  version: number;
}

const ignore = () => undefined;

test('a MongoDB that is killed during many writes restarts without losing acknowledged writes or keeping partial ones', async () => {
  const { home, remove } = await temporaryHome();
  const config = readConfig({ ...process.env, MONGODB_URI: '', BRIGHTBIRD_HOME: home });
  const first = await startMongo(config, ignore);
  const client = await MongoClient.connect(first.uri);
  const items = client.db('test').collection<Item>('items');
  await items.createIndex({ key: 1 }, { unique: true });
  const acknowledged = new Map<string, number>();
  const attempted = new Set<string>();
  const write = async (writer: number) => {
    for (let n = 0; ; n += 1) {
      const _id = `${writer}-${n}`;
      attempted.add(_id);
      await items.insertOne({ _id, key: _id, version: 0 });
      acknowledged.set(_id, 0);
      await items.updateOne({ _id }, { $set: { version: 1 } });
      acknowledged.set(_id, 1);
    }
  };
  const writers = Promise.allSettled(Array.from({ length: 8 }, (_, writer) => write(writer)));
  await until(async () => acknowledged.size > 300);
  for (const pid of await processesOf(home)) process.kill(pid, 'SIGKILL');
  await writers;
  await client.close();

  const again = await MongoClient.connect(first.uri);
  const after = again.db('test').collection<Item>('items');
  const stored = new Map((await after.find().toArray()).map((item) => [item._id, item.version]));
  const lost = [...acknowledged].filter(([id, version]) => (stored.get(id) ?? -1) < version);
  expect(lost).toEqual([]);
  // An index entry without its document would reject the key forever.
  for (const _id of attempted) {
    if (!stored.has(_id)) await after.insertOne({ _id, key: _id, version: 2 });
  }
  await again.close();
  await first.stop();
  await remove();
});
