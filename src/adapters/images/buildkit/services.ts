import { type handleUnaryCall, type Server, status } from '@grpc/grpc-js';
import { HealthImplementation, service as health } from 'grpc-health-check';
import type { RegistryAccount } from '../push-image.ts';
import { loadService } from './load-service.ts';

/** Data that a build may request from its client. */
export interface BuildAnswers {
  /** Secrets of RUN --mount=type=secret by id. */
  secrets: Readonly<Record<string, string>>;
  /** Finds the account for the registry of a base image by its host. */
  accountAt(host: string): Promise<RegistryAccount | undefined>;
}

interface CredentialsResponse {
  Username?: string;
  Secret?: string;
}

const auth = loadService('auth.proto', 'moby.filesync.v1.Auth');
const secrets = loadService('secrets.proto', 'moby.buildkit.secrets.v1.Secrets');

/** gRPC methods that the engine may call. */
export const methods = [auth, secrets, health].flatMap((service) => Object.values(service).map(({ path }) => path));

export function addServices(server: Server, answers: BuildAnswers): void {
  server.addService(secrets, { GetSecret: getSecret(answers) });
  server.addService(auth, { Credentials: credentials(answers) });
  // The engine closes a session without a health service about ten seconds into the build.
  new HealthImplementation({ '': 'SERVING' }).addToServer(server);
}

/** Answers with a secret. BuildKit continues without a missing secret unless the Dockerfile requires it. */
function getSecret({ secrets }: BuildAnswers): handleUnaryCall<{ ID: string }, { data: Buffer }> {
  return ({ request: { ID } }, answer) => {
    const value = Object.hasOwn(secrets, ID) ? secrets[ID] : undefined;
    if (value === undefined) answer({ code: status.NOT_FOUND, details: `build.secrets has no ${ID}` });
    else answer(null, { data: Buffer.from(value) });
  };
}

function credentials({ accountAt }: BuildAnswers): handleUnaryCall<{ Host: string }, CredentialsResponse> {
  return async ({ request: { Host } }, answer) => {
    try {
      const account = await accountAt(Host === 'registry-1.docker.io' ? 'docker.io' : Host);
      answer(null, account ? { Username: account.username, Secret: account.password } : {});
    } catch (error) {
      answer({ code: status.FAILED_PRECONDITION, details: error instanceof Error ? error.message : String(error) });
    }
  };
}
