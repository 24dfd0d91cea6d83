import { readFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';

/** Longest pause between attempts to reconnect; gRPC's default is two minutes. */
const maxReconnectBackoffMs = 2000;

/** Settings by their names; those of TLS are paths of PEM files. */
interface TemporalSettings {
  TEMPORAL_NAMESPACE: string;
  TEMPORAL_API_KEY?: string | undefined;
  TEMPORAL_TLS_CERT?: string | undefined;
  TEMPORAL_TLS_KEY?: string | undefined;
  TEMPORAL_TLS_CA?: string | undefined;
}

interface ConnectionSettings {
  address: string;
  apiKey?: string;
  tls?: { clientCertPair?: { crt: Buffer; key: Buffer }; serverRootCACertificate?: Buffer };
}

async function readOptions(config: TemporalSettings, address: string): Promise<ConnectionSettings> {
  const { TEMPORAL_TLS_CERT: cert, TEMPORAL_TLS_KEY: key, TEMPORAL_TLS_CA: ca, TEMPORAL_API_KEY: apiKey } = config;
  const clientCertPair = cert && key ? { crt: await readFile(cert), key: await readFile(key) } : undefined;
  const serverRootCACertificate = ca ? await readFile(ca) : undefined;
  const encrypted = clientCertPair ?? serverRootCACertificate ?? apiKey;
  return {
    address,
    ...(apiKey && { apiKey }),
    ...(encrypted && {
      tls: { ...(clientCertPair && { clientCertPair }), ...(serverRootCACertificate && { serverRootCACertificate }) },
    }),
  };
}

/** Connects a client to the namespace of the settings; the caller closes its connection. */
export async function connectClient(config: TemporalSettings, address: string): Promise<Client> {
  const connection = await Connection.connect({
    ...(await readOptions(config, address)),
    connectTimeout: '10s',
    channelArgs: { 'grpc.max_reconnect_backoff_ms': maxReconnectBackoffMs },
  });
  return new Client({ connection, namespace: config.TEMPORAL_NAMESPACE });
}

/** Opens the connection that workers share; the caller closes it after they have stopped. */
export async function connectWorkers(config: TemporalSettings, address: string): Promise<NativeConnection> {
  return NativeConnection.connect(await readOptions(config, address));
}
