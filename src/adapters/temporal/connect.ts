import { readFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';

/** In milliseconds; by default gRPC tries a server that was away for long every two minutes only. */
const mostReconnectPause = 2000;

/** By the names of the settings; those of TLS are paths of PEM files. */
interface TemporalSettings {
  TEMPORAL_NAMESPACE: string;
  TEMPORAL_API_KEY?: string | undefined;
  TEMPORAL_TLS_CERT?: string | undefined;
  TEMPORAL_TLS_KEY?: string | undefined;
  TEMPORAL_TLS_CA?: string | undefined;
}

interface Options {
  address: string;
  apiKey?: string;
  tls?: { clientCertPair?: { crt: Buffer; key: Buffer }; serverRootCACertificate?: Buffer };
}

async function options(config: TemporalSettings, address: string): Promise<Options> {
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

/** A client of the namespace of the settings; the caller closes its connection. */
export async function connectClient(config: TemporalSettings, address: string): Promise<Client> {
  const connection = await Connection.connect({
    ...(await options(config, address)),
    connectTimeout: '10s',
    channelArgs: { 'grpc.max_reconnect_backoff_ms': mostReconnectPause },
  });
  return new Client({ connection, namespace: config.TEMPORAL_NAMESPACE });
}

/** The connection that workers share; the caller closes it after they have stopped. */
export async function connectWorkers(config: TemporalSettings, address: string): Promise<NativeConnection> {
  return NativeConnection.connect(await options(config, address));
}
