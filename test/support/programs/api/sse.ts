import type { Api } from '../../../../src/programs/api/env.ts';

export interface LiveEvent {
  id?: string;
  event: string;
  data: string;
}

export interface LiveLog {
  status: number;
  /** Returns the next event, or undefined when the server has closed the stream. */
  next(): Promise<LiveEvent | undefined>;
  /** Returns the texts of the next lines, at least `count`. */
  lines(count: number): Promise<string[]>;
  /** Returns all texts until `end`. Throws when the stream closes without it. */
  rest(): Promise<string[]>;
  /** Returns the id of the last event. */
  lastId(): string | undefined;
  hangUp(): Promise<void>;
}

/** Opens a live log as a browser's EventSource does (WHATWG HTML, 9.2). */
export async function listen(api: Api, path: string, headers: Record<string, string> = {}): Promise<LiveLog> {
  const response = await api.request(path, { headers: { accept: 'text/event-stream', ...headers } });
  const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  let lastId: string | undefined;
  const next = async (): Promise<LiveEvent | undefined> => {
    for (;;) {
      const end = buffer.indexOf('\n\n');
      if (end < 0) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        buffer += value;
        continue;
      }
      const fields = buffer.slice(0, end).split('\n');
      buffer = buffer.slice(end + 2);
      const field = (name: string) => fields.find((one) => one.startsWith(`${name}: `))?.slice(name.length + 2);
      const data = field('data');
      if (data === undefined) continue; // A comment.
      lastId = field('id') ?? lastId;
      return { id: field('id'), event: field('event') ?? 'message', data };
    }
  };
  const texts = (event: LiveEvent): string[] => JSON.parse(event.data).map(({ text }: { text: string }) => text);
  return {
    status: response.status,
    next,
    lastId: () => lastId,
    async lines(count) {
      const found: string[] = [];
      while (found.length < count) {
        const event = await next();
        if (event?.event !== 'message')
          throw new Error(`expected lines, got ${event?.event ?? 'the end of the stream'}`);
        found.push(...texts(event));
      }
      return found;
    },
    async rest() {
      const found: string[] = [];
      for (;;) {
        const event = await next();
        if (!event) throw new Error('the stream closed without an end');
        if (event.event === 'end') return found;
        found.push(...texts(event));
      }
    },
    hangUp: () => reader.cancel(),
  };
}
