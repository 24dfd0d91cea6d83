import { rm } from 'node:fs/promises';
import { OpenAPIHono, z } from '@hono/zod-openapi';
import { Fault } from '../../../model/fault.ts';
import { openStaging } from '../../../services/plugins/staging.ts';
import { uploadPlugins } from '../../../services/plugins/upload-plugins.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { type ReceivedForm, receiveFiles } from '../middleware/receive-files.ts';
import { refuseInvalid } from '../middleware/validation.ts';
import { bodyCodes, jsonResponse, problemResponses } from '../schemas/common-schemas.ts';
import { labelSchema, uploadedSchema } from '../schemas/plugin-schemas.ts';

const limits = { maxMegabytes: 100, maxFiles: 10, maxFields: 20 };
const querySchema = z.strictObject({ force: z.enum(['true', 'false']).default('false') });
const labelsSchema = z.object({ label: z.array(labelSchema) });
const formSchema = z.object({
  plugin: z.array(z.string().openapi({ format: 'binary' })),
  label: z.array(labelSchema).optional(),
});
const answer = jsonResponse(z.object({ items: z.array(uploadedSchema) }), 'The uploaded plugins, available at once');

/** Streams the body to disk: it may be larger than any other, so no validator may read it. */
export function pluginUploadApi({ store, pluginStore, runtime, config, log }: ApiParts): Api {
  const trial = { runtime, namespace: config.NAMESPACE };
  const api = new OpenAPIHono<ApiEnv>();
  api.openAPIRegistry.registerPath({
    method: 'post',
    path: '/plugins',
    operationId: 'uploadPlugins',
    summary: 'Upload plugins',
    description:
      'Accepts programs or tar archives of declarative plugins, and labels for them. Stores either the whole form or nothing.',
    tags: ['plugins'],
    request: {
      query: querySchema,
      body: { required: true, content: { 'multipart/form-data': { schema: formSchema } } },
    },
    responses: {
      200: { ...answer, description: 'All plugins existed already' },
      201: answer,
      ...problemResponses(...bodyCodes, 'conflict', 'plugin_invalid'),
    },
  });
  api.post('/plugins', async (c) => {
    const query = querySchema.safeParse(c.req.query());
    refuseInvalid(query);
    const staging = await openStaging(pluginStore.directory);
    try {
      const { files, labels } = readForm(await receiveFiles(c.req.raw, staging, limits));
      const force = query.data?.force === 'true';
      const results = await uploadPlugins(
        { ...store, ...pluginStore, dryRunTarget: trial },
        { files, staging, force, labels },
      );
      for (const { plugin, outcome } of results) {
        const { name, version, checksum } = plugin;
        log.info({ plugin: name, version, checksum, outcome, user: c.get('user') }, 'plugin uploaded');
      }
      const items = results.map(({ plugin, ...result }) => ({ ...plugin, ...result }));
      return c.json({ items }, items.every(({ outcome }) => outcome === 'unchanged') ? 200 : 201);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  });
  return api;
}

function readForm({ files, fields }: ReceivedForm): { files: ReceivedForm['files']; labels: string[] } {
  const unknown = [
    ...files.filter(({ field }) => field !== 'plugin'),
    ...fields.filter(({ name }) => name !== 'label'),
  ];
  const [first] = unknown;
  if (first || files.length === 0) {
    const name = first && ('field' in first ? first.field : first.name);
    const message = name === undefined ? 'the form has no file named plugin' : `the form has an unknown field ${name}`;
    const hint = 'send one or more files as plugin, and labels as label: curl -F plugin=@<file> -F label=<text>';
    throw new Fault('invalid_request', message, { where: { path: name ?? 'plugin' }, hint });
  }
  const labels = labelsSchema.safeParse({ label: fields.map(({ value }) => value) });
  refuseInvalid(labels);
  return { files, labels: labels.data?.label ?? [] };
}
