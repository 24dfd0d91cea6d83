import { OpenAPIHono } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { Registry } from 'prom-client';
import { Fault } from '../model/fault.ts';
import { artifactsApi } from './artifacts.ts';
import { authenticate } from './auth.ts';
import { bisectsApi } from './bisects.ts';
import { buildsApi } from './builds.ts';
import { checkJson } from './check-json.ts';
import { deliveriesApi } from './deliveries.ts';
import { addDocs } from './docs.ts';
import type { Api, ApiEnv, ApiParts } from './env.ts';
import { globalsApi } from './globals.ts';
import { groupsApi } from './groups.ts';
import { jobsApi } from './jobs.ts';
import { labelsApi } from './labels.ts';
import { limitBody } from './limit-body.ts';
import { lockfilesApi } from './lockfiles.ts';
import { logsApi } from './logs.ts';
import { metricsApi } from './metrics.ts';
import { onError } from './on-error.ts';
import { pluginUploadApi } from './plugin-upload.ts';
import { pluginsApi } from './plugins.ts';
import { podsApi } from './pods.ts';
import { problem } from './problem.ts';
import { requestLog } from './request-log.ts';
import { requestMetrics } from './request-metrics.ts';
import { revisionsApi } from './revisions.ts';
import { serviceApi } from './service.ts';
import { steeringApi } from './steering.ts';
import { tasksApi } from './tasks.ts';
import { testFlowsApi } from './testflows.ts';
import { refuseInvalid } from './validation.ts';
import { webhooksApi } from './webhooks.ts';

/** Largest body of a request, in MB; those of webhooks and uploads are larger. */
const maxBody = 2;
const prefix = '/api/v1';

/** The HTTP API. /api/v1 and /metrics need the token, if there is one; every error is problem+json. */
export function createApi(parts: ApiParts): Api {
  const { config, log } = parts;
  const api: Api = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  api.onError(onError(log));
  api.notFound((c) => problem(c, new Fault('not_found', 'there is nothing at this path', { hint: 'see /docs' })));
  api.use(requestId());
  api.use(requestLog(log));
  const requests = new Registry();
  api.use(requestMetrics(requests));
  // TLS is the proxy's, and so is what it says about it.
  api.use(secureHeaders({ strictTransportSecurity: false, contentSecurityPolicy: csp }));
  api.use(
    methodNotAllowed({
      app: api,
      onMethodNotAllowed(c, methods) {
        const allow = methods.join(', ');
        c.header('Allow', allow);
        return problem(c, new Fault('method_not_allowed', `${c.req.path} takes ${allow}, not ${c.req.method}`));
      },
    }),
  );
  api.use(`${prefix}/*`, authenticate(config.BRIGHTBIRD_ADMIN_TOKEN));
  api.use('/metrics', authenticate(config.BRIGHTBIRD_ADMIN_TOKEN));
  api.route('/', webhooksApi(parts));
  api.route(prefix, pluginUploadApi(parts));
  // Not before it is known who asks: a body without a length is held whole.
  api.use(`${prefix}/*`, limitBody(maxBody));
  api.use(`${prefix}/*`, checkJson);
  api.route('/', serviceApi(parts));
  api.route('/', metricsApi(parts, requests));
  const resources = [
    groupsApi,
    globalsApi,
    testFlowsApi,
    revisionsApi,
    pluginsApi,
    labelsApi,
    jobsApi,
    tasksApi,
    steeringApi,
    lockfilesApi,
    artifactsApi,
    podsApi,
    logsApi,
    buildsApi,
    bisectsApi,
    deliveriesApi,
  ];
  for (const resource of resources) {
    api.route(prefix, resource(parts));
  }
  addDocs(api, config.BRIGHTBIRD_ADMIN_TOKEN !== undefined);
  return api;
}

const csp = { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"], frameAncestors: ["'none'"] };
