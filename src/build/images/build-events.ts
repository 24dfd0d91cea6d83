import { z } from 'zod';

/** What the classic builder tells, one JSON object a line (Docker Engine API, POST /build). */
const eventSchema = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional() }).optional(),
  aux: z.object({ ID: z.string().optional() }).optional(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string().optional() }).optional(),
});
export type BuildEvent = z.infer<typeof eventSchema>;

/** Reads the builder's answer; lines that are no event, or none that we know, are passed on as output. */
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
    const parsed = eventSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : { stream: `${line}\n` };
  } catch (error) {
    if (error instanceof SyntaxError) return { stream: `${line}\n` };
    throw error;
  }
}
