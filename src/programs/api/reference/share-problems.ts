import { type ApiResponse, type OpenApiDocument, operationsOf } from './openapi-types.ts';

/**
 * Puts the responses of errors among the components, where operations refer to them: a document half as large, and one type each
 * in generated clients. A response is named by its first code, `not_found` becomes `NotFound`.
 */
export function shareProblems(document: OpenApiDocument): void {
  const shared: Record<string, ApiResponse> = {};
  for (const { operation } of operationsOf(document)) {
    for (const [status, response] of Object.entries(operation.responses)) {
      const example = response.content?.['application/problem+json']?.example as { code: string } | undefined;
      if (!example) continue;
      const name = example.code.replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
      shared[name] ??= response;
      // Another response of that name has more codes, and stays where it is.
      if (JSON.stringify(shared[name]) !== JSON.stringify(response)) continue;
      operation.responses[status] = { $ref: `#/components/responses/${name}` };
    }
  }
  document.components.responses = shared;
}
