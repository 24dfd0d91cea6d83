import { z } from 'zod';
import { loadService } from './load-service.ts';

const control = loadService('status.proto', 'moby.buildkit.v1.Control');

const statusSchema = z.object({
  /** Steps that began, ended or failed. */
  vertexes: z.array(
    z.object({
      digest: z.string(),
      name: z.string(),
      cached: z.boolean(),
      started: z.unknown(),
      completed: z.unknown(),
      error: z.string(),
    }),
  ),
  /** Progress of the builder's own steps, such as a layer being pulled. */
  statuses: z.array(z.object({ ID: z.string(), vertex: z.string() })),
  /** Pieces of output, of stream 1 or 2. */
  logs: z.array(z.object({ vertex: z.string(), stream: z.number(), msg: z.instanceof(Uint8Array) })),
  warnings: z.array(z.object({ vertex: z.string(), short: z.instanceof(Uint8Array) })),
});
/** Progress of a build. Absent times are null. */
export type BuildStatus = z.infer<typeof statusSchema>;

/** Decodes a base64 message of the engine's response. Throws when it is invalid. */
export function readStatus(aux: string): BuildStatus {
  return statusSchema.parse(control.Status?.responseDeserialize(Buffer.from(aux, 'base64')));
}
