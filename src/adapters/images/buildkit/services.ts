import { type handleUnaryCall, type Server, status } from '@grpc/grpc-js';
import { HealthImplementation, service as health } from 'grpc-health-check';
import type { RegistryAccount } from '../push-image.ts';
import { loadService } from './load-service.ts';

/** What a build may ask of its client. */
export interface BuildAnswers {
  /** What RUN --mount=type=secret finds, by id. */
  secrets: Readonly<Record<string, string>>;
  /** The account for the registry of a base image, by its host. */
  accountAt(host: string): Promise<RegistryAccount | undefined>;
}

interface CredentialsResponse {
  Username?: string;
  Secret?: string;
}

const auth = loadService('auth.proto', 'moby.filesync.v1.Auth');
const secrets = loadService('secrets.proto', 'moby.buildkit.secrets.v1.Secrets');

/** The gRPC methods that the engine is told it may call. */
export const methods = [auth, secrets, health].flatMap((service) => Object.values(service).map(({ path }) => path));

export function addServices(server: Server, answers: BuildAnswers): void {
  server.addService(secrets, { GetSecret: getSecret(answers) });
  server.addService(auth, { Credentials: credentials(answers) });
  // The engine gives up a session that does not answer for its health, some ten seconds into the build.
  new HealthImplementation({ '': 'SERVING' }).addToServer(server);
}

/** BuildKit goes on without a secret that is not found, unless the Dockerfile says that it is required. */
function getSecret({ secrets }: BuildAnswers): handleUnaryCall<{ ID: string }, { data: Buffer }> {
  return ({ request: { ID } }, answer) => {
    const value = Object.hasOwn(secrets, ID) ? secrets[ID] : undefined;
    if (value === undefined) answer({ code: status.NOT_FOUND, details: `build.secrets names no ${ID}` });
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
