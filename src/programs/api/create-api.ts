import { OpenAPIHono } from '@hono/zod-openapi';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { Registry } from 'prom-client';
import { Fault } from '../../model/fault.ts';
import { checkJson } from './check-json.ts';
import type { Api, ApiEnv, ApiParts } from './env.ts';
import { authenticate } from './middleware/auth.ts';
import { limitBody } from './middleware/limit-body.ts';
import { onError } from './middleware/on-error.ts';
import { problem } from './middleware/problem.ts';
import { requestLog } from './middleware/request-log.ts';
import { requestMetrics } from './middleware/request-metrics.ts';
import { refuseInvalid } from './middleware/validation.ts';
import { artifactsApi } from './routes/artifacts.ts';
import { bisectsApi } from './routes/bisects.ts';
import { buildsApi } from './routes/builds.ts';
import { deliveriesApi } from './routes/deliveries.ts';
import { addDocs, docsPolicy } from './routes/docs.ts';
import { globalsApi } from './routes/globals.ts';
import { groupsApi } from './routes/groups.ts';
import { jobsApi } from './routes/jobs.ts';
import { labelsApi } from './routes/labels.ts';
import { lockfilesApi } from './routes/lockfiles.ts';
import { logsApi } from './routes/logs.ts';
import { metricsApi } from './routes/metrics.ts';
import { pluginUploadApi } from './routes/plugin-upload.ts';
import { pluginsApi } from './routes/plugins.ts';
import { podsApi } from './routes/pods.ts';
import { revisionsApi } from './routes/revisions.ts';
import { serviceApi } from './routes/service.ts';
import { steeringApi } from './routes/steering.ts';
import { tasksApi } from './routes/tasks.ts';
import { testFlowsApi } from './routes/testflows.ts';
import { webhooksApi } from './routes/webhooks.ts';

/** Webhooks and uploads have limits of their own. */
const maxBodyMegabytes = 2;
const prefix = '/api/v1';

/** Creates the HTTP API. /api/v1 and /metrics require the token, if one is set; every error is problem+json. */
export function createApi(parts: ApiParts): Api {
  const { config, log } = parts;
  const api: Api = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid });
  api.onError(onError(log));
  api.notFound((c) => problem(c, new Fault('not_found', 'unknown path', { hint: 'see /docs' })));
  api.use(requestId());
  api.use(requestLog(log));
  const requests = new Registry();
  api.use(requestMetrics(requests));
  // TLS and its headers are the proxy's.
  const headers = { strictTransportSecurity: false };
  const closed = secureHeaders({ ...headers, contentSecurityPolicy: closedPolicy });
  const docs = secureHeaders({ ...headers, contentSecurityPolicy: docsPolicy });
  api.use((c, next) => (/^\/docs(?:$|\/)/.test(c.req.path) ? docs(c, next) : closed(c, next)));
  api.use(
    methodNotAllowed({
      app: api,
      onMethodNotAllowed(c, methods) {
        const allow = methods.join(', ');
        c.header('Allow', allow);
        return problem(c, new Fault('method_not_allowed', `${c.req.path} supports ${allow}, not ${c.req.method}`));
      },
    }),
  );
  api.use(`${prefix}/*`, authenticate(config.BRIGHTBIRD_ADMIN_TOKEN));
  api.use('/metrics', authenticate(config.BRIGHTBIRD_ADMIN_TOKEN));
  api.route('/', webhooksApi(parts));
  api.route(prefix, pluginUploadApi(parts));
  // After the authentication: a body without a length is buffered whole.
  api.use(`${prefix}/*`, limitBody(maxBodyMegabytes));
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

/** Responses other than pages load nothing. */
const closedPolicy = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
