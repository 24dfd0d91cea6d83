import { Way } from '../../jest/way.ts';

/** Opens a breakable proxy to a database, and returns it with the database's URI over it. */
export async function openMongoProxy(mongoUri: string): Promise<{ way: Way; uri: string }> {
  const uri = new URL(mongoUri);
  const way = await Way.to({ host: uri.hostname, port: Number(uri.port) });
  uri.host = `127.0.0.1:${way.port}`;
  return { way, uri: uri.href };
}
