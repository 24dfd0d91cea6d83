import { z } from '@hono/zod-openapi';
import { globalsSchema, saveFlowSchema } from '../../../model/flow.ts';
import { pluginTypes } from '../../../model/plugin.ts';
import { timestampSchema } from './common-schemas.ts';

export const flowSchema = saveFlowSchema
  .extend({
    id: z.string(),
    revision: z.number().int(),
    updatedBy: z.string().optional(),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
  })
  .openapi('TestFlow');

export const flowSummarySchema = flowSchema.omit({ graph: true }).openapi('TestFlowSummary');

export const planSchema = z.object({
  steps: z.array(
    z
      .object({ instance: z.string(), plugin: z.string(), version: z.string(), pluginType: z.enum(pluginTypes) })
      .openapi('PlannedStep'),
  ),
});

export const revisionSchema = z
  .object({
    testFlowId: z.string(),
    revision: z.number().int(),
    name: z.string(),
    graph: z.string(),
    globalProperties: globalsSchema,
    description: z.string(),
    by: z.string().optional(),
    at: timestampSchema,
  })
  .openapi('FlowRevision');

export const revisionSummarySchema = revisionSchema.omit({ graph: true }).openapi('FlowRevisionSummary');

const comparedSchema = revisionSchema.pick({ revision: true, by: true, at: true }).openapi('ComparedRevision');

export const comparisonSchema = z
  .object({
    from: comparedSchema,
    to: comparedSchema,
    changes: z.array(
      z.object({ field: z.enum(['name', 'description', 'globalProperties', 'graph']), patch: z.string() }),
    ),
  })
  .openapi('FlowComparison');

/** `If-Match` with the ETag of a flow, which is its revision in quotes (RFC 9110, 13.1.1). */
export const ifMatch = z.object({
  'if-match': z
    .string()
    .regex(/^"[1-9]\d{0,8}"$/, 'must be the ETag of the flow, such as "3"')
    .transform((tag) => Number(tag.slice(1, -1)))
    .optional(),
});

export const etag = (revision: number): string => `"${revision}"`;
