import { OpenAPIHono, z } from '@hono/zod-openapi';
import { eventHeader, idHeader, readHeaders, signatureHeader } from '../../../adapters/github/read-headers.ts';
import { contentTypes } from '../../../adapters/github/read-payload.ts';
import { githubWebhooks } from '../../../adapters/github/webhook-reader.ts';
import { deliveryStates } from '../../../model/delivery.ts';
import { Fault } from '../../../model/fault.ts';
import { receive } from '../../../services/deliveries/receive.ts';
import type { Api, ApiEnv, ApiParts } from '../env.ts';
import { BodyIntake } from '../middleware/body-intake.ts';
import { bodyCodes, jsonResponse, publicProblemResponses } from '../schemas/common-schemas.ts';

const path = '/webhooks/github';
const intakeLimits = {
  /** GitHub's limit, https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap */
  maxBodyBytes: 25 * 1024 ** 2,
  maxHeldBytes: 64 * 1024 ** 2,
  /** GitHub's timeout. */
  timeoutMs: 10_000,
};

export const receivedSchema = z.object({ id: z.string(), state: z.enum(deliveryStates) }).openapi('ReceivedDelivery');

const headersSchema = z.object({
  [idHeader]: z.string(),
  [eventHeader]: z.string(),
  [signatureHeader]: z.string(),
});
const anyObject = { schema: z.record(z.string(), z.unknown()) };

/** Needs no token: the signature authenticates the sender. It covers the raw body, so no validator may read it first. */
export function webhooksApi({ store, dispatcher, config, log }: ApiParts): Api {
  const intake = new BodyIntake(intakeLimits);
  const api = new OpenAPIHono<ApiEnv>();
  api.openAPIRegistry.registerPath({
    method: 'post',
    path,
    operationId: 'receiveGithubWebhook',
    summary: 'Receive a GitHub webhook',
    description:
      'Responds once the delivery is stored, before anything starts. The signature over the raw body authenticates the sender; no token is needed. ' +
      'A repeated delivery gets the first response and starts nothing.',
    tags: ['webhooks'],
    security: [{ webhookSignature: [] }],
    request: {
      headers: headersSchema,
      body: { required: true, content: Object.fromEntries(contentTypes.map((type) => [type, anyObject])) },
    },
    responses: {
      202: jsonResponse(receivedSchema, 'The delivery is stored, now or earlier'),
      ...publicProblemResponses('unauthenticated', 'request_timeout', 'unavailable', 'internal', ...bodyCodes),
    },
  });
  api.post(path, async (c) => {
    const secrets = config.GITHUB_WEBHOOK_SECRET;
    if (!secrets) throw noSecret();
    // Rejects requests without webhook headers before their body is read.
    const headers = readHeaders((name) => c.req.header(name));
    const ports = { deliveries: store.deliveries, webhooks: githubWebhooks, dispatcher, secrets, log };
    return c.json(await intake.withBody(c.req.raw, (read) => receive(ports, headers, read)), 202);
  });
  return api;
}

function noSecret(): Fault {
  return new Fault('unavailable', 'cannot accept webhooks: GITHUB_WEBHOOK_SECRET is not set', {
    hint: 'set it to the secret of the webhook on GitHub and restart the server',
  });
}
