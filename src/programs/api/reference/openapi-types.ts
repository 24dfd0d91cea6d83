/** Subset of JSON Schema that the document uses. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  example?: unknown;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  additionalProperties?: boolean | JsonSchema;
  allOf?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

export interface MediaType {
  schema?: JsonSchema;
  example?: unknown;
}

interface Parameter {
  name: string;
  in: string;
  description?: string;
  example?: unknown;
  schema?: JsonSchema;
}

export interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, MediaType> };
  responses: Record<string, ApiResponse>;
}

export interface ApiResponse {
  $ref?: string;
  description?: string;
  content?: Record<string, MediaType>;
}

/** Subset of OpenAPI 3.1 that the document uses. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string };
  security?: Record<string, string[]>[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; responses?: Record<string, ApiResponse> };
}

/** Returns the operations of a document. */
export function operationsOf(document: OpenApiDocument): { path: string; method: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
}

/** Returns the request body and the response bodies of an operation. */
export function bodiesOf({ requestBody, responses }: Operation): { type: string; media: MediaType }[] {
  const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
  return contents.flatMap((content) => Object.entries(content ?? {}).map(([type, media]) => ({ type, media })));
}

/** Returns the schemas of a document, named by their component or their operation. */
export function schemasOf(document: OpenApiDocument): { name: string; schema: JsonSchema }[] {
  const named = Object.entries(document.components.schemas).map(([name, schema]) => ({ name, schema }));
  const inline = operationsOf(document).flatMap(({ operation }) =>
    bodiesOf(operation).flatMap(({ media }) =>
      media.schema ? [{ name: operation.operationId, schema: media.schema }] : [],
    ),
  );
  return [...named, ...inline];
}

/** Returns the longest suffix of a place that is a key: for `Task.policy.retry`, `policy.retry` before `retry`. */
export function longestSuffix(place: string, keys: Readonly<Record<string, unknown>>): string | undefined {
  if (Object.hasOwn(keys, place)) return place;
  const parameter = place.indexOf('?');
  const next = parameter > 0 ? parameter : place.indexOf('.') + 1;
  return next > 0 ? longestSuffix(place.slice(next), keys) : undefined;
}
