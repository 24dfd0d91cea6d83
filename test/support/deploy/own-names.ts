import Long from 'long';
import { MongoClient } from 'mongodb';
import { connectTemporal } from '../jest/connect-temporal.ts';
import { testServers } from '../jest/servers.ts';

/** A namespace and a database in the servers of the test run, both named `name`. */
export interface OwnNames {
  temporalAddress: string;
  /** Connection string with the database in its path. */
  mongoUri: URL;
  drop(): Promise<void>;
}

export async function createOwnNames(name: string): Promise<OwnNames> {
  const servers = await testServers();
  const temporal = await connectTemporal(servers.temporalAddress);
  const retention = { seconds: Long.fromNumber(24 * 3600) };
  await temporal.workflowService.registerNamespace({ namespace: name, workflowExecutionRetentionPeriod: retention });
  await temporal.close();
  const mongoUri = new URL(servers.mongoUri);
  mongoUri.pathname = `/${name}`;
  return {
    temporalAddress: servers.temporalAddress,
    mongoUri,
    async drop() {
      const mongo = await MongoClient.connect(servers.mongoUri);
      await mongo.db(name).dropDatabase();
      await mongo.close();
    },
  };
}
