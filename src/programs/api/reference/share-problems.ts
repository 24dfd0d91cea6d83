import { type ApiResponse, type OpenApiDocument, operationsOf } from './openapi-types.ts';

/**
 * Moves error responses to the components, which halves the document and gives generated clients one type per response. A
 * response is named by its first code: `not_found` becomes `NotFound`.
 */
export function shareProblemResponses(document: OpenApiDocument): void {
  const shared: Record<string, ApiResponse> = {};
  for (const { operation } of operationsOf(document)) {
    for (const [status, response] of Object.entries(operation.responses)) {
      const example = response.content?.['application/problem+json']?.example as { code: string } | undefined;
      if (!example) continue;
      const name = example.code.replace(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());
      shared[name] ??= response;
      // Another response with this name has more codes, and stays inline.
      if (JSON.stringify(shared[name]) !== JSON.stringify(response)) continue;
      operation.responses[status] = { $ref: `#/components/responses/${name}` };
    }
  }
  document.components.responses = shared;
}
