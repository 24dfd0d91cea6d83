/** `node hold-servers.ts <home>`: starts both servers, prints their addresses, and at SIGINT whether they still respond. */
import { MongoClient } from 'mongodb';
import { readConfig } from '../../../../src/programs/config.ts';
import { lockHome } from '../../../../src/programs/embedded/lock-home.ts';
import { startMongo } from '../../../../src/programs/embedded/mongo.ts';
import { startTemporal } from '../../../../src/programs/embedded/temporal.ts';

const config = readConfig({ ...process.env, BRIGHTBIRD_HOME: process.argv[2] });
const unlock = await lockHome(config.BRIGHTBIRD_HOME);
const report = (line: string) => console.error(line);
const [temporal, mongo] = await Promise.all([startTemporal(config, report), startMongo(config, report)]);
process.once('SIGINT', async () => {
  const client = await MongoClient.connect(mongo.uri);
  const { ok } = await client.db('admin').command({ ping: 1 });
  await client.close();
  console.log(JSON.stringify({ servesAfterInterrupt: ok === 1 }));
  await Promise.all([temporal.stop(), mongo.stop()]);
  unlock();
});
console.log(JSON.stringify({ temporal: temporal.address, mongo: mongo.uri }));
