import manifest from '../../../../package.json' with { type: 'json' };
import type { Api } from '../env.ts';
import { addDescriptions } from './describe-fields.ts';
import { addExamples } from './give-examples.ts';
import type { OpenApiDocument } from './openapi-types.ts';
import { shareProblemResponses } from './share-problems.ts';

const tags = {
  service: 'Health and metrics of this server.',
  groups: 'Sets of test flows.',
  globals: 'Global properties of all runs.',
  'test flows': 'Deploy and test steps, as YAML.',
  plugins: 'Programs and deployments that the steps of test flows run.',
  jobs: 'Start test flows: on request, on a schedule, on merged pull requests, on created tags.',
  tasks: 'Runs of test flows, with their logs, artifacts and test cases.',
  builds: 'Builds of images for tasks.',
  bisects: 'Searches for the commit that introduced a failure.',
  webhooks: 'GitHub webhook deliveries and the tasks that they started.',
};

/** Creates the OpenAPI 3.1 document of the API. `secured` is whether the server requires a token. */
export function describeApi(api: Api, secured: boolean): OpenApiDocument {
  const { openAPIRegistry: registry } = api;
  if (secured) {
    registry.registerComponent('securitySchemes', 'token', {
      type: 'http',
      scheme: 'bearer',
      description: 'BRIGHTBIRD_ADMIN_TOKEN of the server.',
    });
  }
  registry.registerComponent('securitySchemes', 'webhookSignature', {
    type: 'apiKey',
    in: 'header',
    name: 'X-Hub-Signature-256',
    description: '`sha256=` and the HMAC-SHA256 of the raw body in hex, keyed with a secret of GITHUB_WEBHOOK_SECRET.',
  });
  const made = api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'BrightBird',
      version: manifest.version,
      description:
        `${manifest.description}. ` +
        'Errors are problem+json (RFC 9457); their `type` is the page that explains them: /docs/errors. Times are ISO 8601 in UTC.',
      license: { name: manifest.license, url: `https://spdx.org/licenses/${manifest.license}` },
      contact: { name: 'The operator of this server' },
    },
    servers: [{ url: '/', description: 'This server' }],
    security: [secured ? { token: [] } : {}],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  });
  const document = JSON.parse(JSON.stringify(made)) as OpenApiDocument;
  addDescriptions(document);
  addExamples(document);
  shareProblemResponses(document);
  return document;
}
