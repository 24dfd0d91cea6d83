import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { connectStore } from '../../../src/adapters/mongodb/connect.ts';
import { openStore } from '../../support/adapters/mongodb/open-store.ts';

interface DriverConnection {
  socket: Socket;
  writeCommand(...args: unknown[]): Promise<void>;
}
const driver: { Connection: { prototype: DriverConnection } } = createRequire(import.meta.url)(
  '../../../node_modules/mongodb/lib/cmap/connection.js',
);

test('reconnects and fails pending calls when connections close just before they are written to', async () => {
  const opened = await openStore();
  const replaced: Error[] = [];
  const { prototype } = driver.Connection;
  const { writeCommand } = prototype;
  const uri = `${opened.uri}?heartbeatFrequencyMS=500`;
  const store = await connectStore(uri, 300, (cause) => {
    prototype.writeCommand = writeCommand;
    replaced.push(cause);
  });
  try {
    // The driver does not know of the close yet: it waits for the drain of a closed socket.
    prototype.writeCommand = function (this: DriverConnection, ...args) {
      this.socket.destroy();
      return writeCommand.apply(this, args);
    };
    const calls = Promise.allSettled([store.jobs.all(), store.jobs.all()]);
    while (replaced.length === 0) await pause(20);
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await store.jobs.all()).toEqual([]);
  } finally {
    prototype.writeCommand = writeCommand;
    await store.close();
    await opened.close();
  }
});
