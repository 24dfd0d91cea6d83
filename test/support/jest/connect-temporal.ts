import { Connection } from '@temporalio/client';
import { testTemporal } from './servers.ts';

/** Connects to the test run's Temporal, or to the one at `address`. Waits a minute: beside other tests it may take that long. */
export async function connectTemporal(address?: string): Promise<Connection> {
  return Connection.connect({ address: address ?? (await testTemporal()).address, connectTimeout: 60_000 });
}
