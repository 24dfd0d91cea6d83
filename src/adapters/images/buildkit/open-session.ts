import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type Docker from 'dockerode';
import { dial } from './dial.ts';
import { addServices, type BuildAnswers, methods } from './services.ts';

export interface Session {
  /** Id that a build passes to use this session. */
  id: string;
  close(): void;
}

/**
 * Opens a session that answers the requests of a running BuildKit build. The engine calls back over the connection of
 * POST /session (Docker Engine API, "Initialize interactive session"); dockerode's session supports no secrets and one account.
 */
export async function openSession(docker: Docker, answers: BuildAnswers): Promise<Session> {
  const id = randomUUID();
  const socket = await dial<Socket>(docker, {
    method: 'POST',
    path: '/session',
    hijack: true,
    headers: {
      Upgrade: 'h2c',
      'X-Docker-Expose-Session-Uuid': id,
      'X-Docker-Expose-Session-Name': 'brightbird',
      'X-Docker-Expose-Session-Grpc-Method': methods,
    },
    statusCodes: { 101: true },
  });
  const server = new Server();
  addServices(server, answers);
  server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
  return {
    id,
    close() {
      server.forceShutdown();
      socket.destroy();
    },
  };
}
