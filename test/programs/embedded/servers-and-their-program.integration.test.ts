import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { MongoClient } from 'mongodb';
import {
  type Holder,
  killHolder,
  listensAt,
  startHolder,
  temporaryHome,
  until,
} from '../../support/programs/embedded/holder.ts';

const holders: Holder[] = [];
const homes: { home: string; remove(): Promise<void> }[] = [];

async function hold(home: string): Promise<Holder> {
  const holder = await startHolder(home);
  holders.push(holder);
  return holder;
}

async function newHome(): Promise<string> {
  const home = await temporaryHome();
  homes.push(home);
  return home.home;
}

afterEach(async () => {
  for (const holder of holders.splice(0)) await killHolder(holder);
  for (const home of homes.splice(0)) await home.remove();
});

test('Temporal and MongoDB end when their program is killed, and an immediate restart finds the data', async () => {
  const home = await newHome();
  const first = await hold(home);
  const before = await MongoClient.connect(first.mongo);
  await before.db('test').collection<{ _id: string }>('kept').insertOne({ _id: 'acknowledged' });
  await killHolder(first);
  const second = await hold(home);
  expect(await listensAt(first.temporal)).toBe(false);
  expect(await listensAt(first.mongo)).toBe(false);
  const after = await MongoClient.connect(second.mongo);
  expect(await after.db('test').collection('kept').find().toArray()).toEqual([{ _id: 'acknowledged' }]);
  await Promise.all([before.close(), after.close()]);
});

test('Ctrl-C reaches the program but not its servers, which run until the program stops them', async () => {
  const holder = await hold(await newHome());
  const exit = once(holder.process, 'exit');
  // A terminal signals the whole process group.
  process.kill(-(holder.process.pid ?? 0), 'SIGINT');
  expect(await holder.next()).toEqual({ servesAfterInterrupt: true });
  expect(await exit).toEqual([0, null]);
  expect(await listensAt(holder.temporal)).toBe(false);
  expect(await listensAt(holder.mongo)).toBe(false);
});

test('two programs with different data directories do not interfere', async () => {
  const [one, two] = await Promise.all([hold(await newHome()), hold(await newHome())]);
  expect(one.mongo).not.toBe(two.mongo);
  expect(one.temporal).not.toBe(two.temporal);
  await killHolder(one);
  await until(async () => !(await listensAt(one.mongo)) && !(await listensAt(one.temporal)));
  expect(await listensAt(two.mongo)).toBe(true);
  expect(await listensAt(two.temporal)).toBe(true);
});
