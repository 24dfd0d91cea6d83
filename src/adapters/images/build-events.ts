import { z } from 'zod';
import { type BuildStatus, readStatus } from './buildkit/read-status.ts';

/** An event of a build from the engine; `text` is everything of another form. */
export type BuildEvent = { status: BuildStatus } | { imageId: string } | { error: string } | { text: string };

/** One JSON object a line (Docker Engine API, POST /build with version 2). */
const lineSchema = z.union([
  z
    .object({ id: z.literal('moby.buildkit.trace'), aux: z.string() })
    .transform(({ aux }) => ({ status: readStatus(aux) })),
  z
    .object({ id: z.literal('moby.image.id'), aux: z.object({ ID: z.string() }) })
    .transform(({ aux }) => ({ imageId: aux.ID })),
  z
    .object({ errorDetail: z.object({ message: z.string() }) })
    .transform(({ errorDetail }) => ({ error: errorDetail.message })),
  z.object({ error: z.string() }),
  z.object({ stream: z.string() }).transform(({ stream }) => ({ text: stream.trimEnd() })),
]);

/** Reads the events of the builder's response. */
export async function* readBuildEvents(answer: NodeJS.ReadableStream): AsyncGenerator<BuildEvent> {
  answer.setEncoding('utf8');
  let rest = '';
  for await (const chunk of answer) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield parse(line);
  }
  if (rest.trim() !== '') yield parse(rest);
}

function parse(line: string): BuildEvent {
  try {
    const parsed = lineSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : { text: line.trimEnd() };
  } catch (error) {
    if (error instanceof SyntaxError) return { text: line.trimEnd() };
    throw error;
  }
}
