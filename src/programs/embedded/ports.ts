import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** `count` different TCP ports of 127.0.0.1 that nobody listens on now; the kernel picks them. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Waits until a server that was just started listens on 127.0.0.1; false when it ended, or after `timeoutMs`. */
export async function listening(port: number, ended: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  while (!gone && performance.now() < until) {
    if (await accepts(port)) return true;
    await delay(25);
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const answer = (yes: boolean) => {
      socket.destroy();
      resolve(yes);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
