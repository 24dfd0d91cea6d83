import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Api } from '../../../../src/programs/api/env.ts';

type Operation = { responses: Record<string, { content?: Record<string, { schema?: object }> }> };

/** Creates a check of responses against the OpenAPI document. */
export function createAnswerCheck(
  api: Api,
): (method: string, path: string, status: number, type: string, body: unknown) => void {
  const document = api.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'test', version: '1' } });
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ ...document, $id: 'openapi' });
  const routes = Object.entries(document.paths ?? {}).map(([path, methods]) => {
    const pattern = path
      .split(/\{[^}]+\}/)
      .map((part) => RegExp.escape(part))
      .join('[^/]+');
    return { path, methods: methods as Record<string, Operation>, matches: new RegExp(`^${pattern}$`) };
  });
  // As in the router, paths without parameters come first.
  routes.sort((one, other) => Number(one.path.includes('{')) - Number(other.path.includes('{')));
  const compiled = new Map<string, ValidateFunction>();
  return (method, path, status, type, body) => {
    const route = routes.find(({ matches, methods }) => matches.test(path) && methods[method.toLowerCase()]);
    const responses = route?.methods[method.toLowerCase()]?.responses;
    if (!route || !responses) return;
    const key = responses[status] ? String(status) : `${String(status)[0]}XX`;
    const where = `${method} ${route.path} ${key}`;
    const response = responses[key];
    if (!response) throw new Error(`${where} is not a documented response`);
    const media = type.split(';')[0]?.trim() ?? '';
    if (!media.endsWith('json') || response.content?.['*/*']) return;
    const pointer = ['paths', route.path, method.toLowerCase(), 'responses', key, 'content', media, 'schema'];
    if (!response.content?.[media]) throw new Error(`${where} has the undocumented media type ${media}`);
    const reference = pointer
      .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = compiled.get(where) ?? ajv.compile({ $ref: `openapi#/${reference}` });
    compiled.set(where, validate);
    if (validate(body)) return;
    const problems = (validate.errors ?? [])
      .slice(0, 5)
      .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
    throw new Error(
      `${where}: the answer is not what the OpenAPI document says:\n${problems.join('\n')}\n${JSON.stringify(body).slice(0, 2000)}`,
    );
  };
}
