import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type Docker from 'dockerode';

/** Times at which a container was created, started, ended and removed (ms since the epoch). */
export type ContainerTimes = Partial<Record<'create' | 'start' | 'die' | 'destroy', number>>;

/** Records the engine's events by container name. */
export async function recordEvents(docker: Docker): Promise<{ times: Map<string, ContainerTimes>; stop(): void }> {
  const stream = (await docker.getEvents({ filters: { type: ['container'] } })) as Readable;
  const times = new Map<string, ContainerTimes>();
  createInterface({ input: stream }).on('line', (line) => {
    const event = JSON.parse(line) as { Action: string; timeNano: number; Actor: { Attributes: { name: string } } };
    const { name } = event.Actor.Attributes;
    times.set(name, { ...times.get(name), [event.Action]: event.timeNano / 1e6 });
  });
  return { times, stop: () => stream.destroy() };
}
