import { Fault, type Mistake } from '../../model/fault.ts';
import type { ApiClient } from '../api-client.ts';
import { checkDocuments } from './check-documents.ts';
import { type Ids, plan, type Step } from './plan.ts';
import { readFiles } from './read-files.ts';
import { readServer } from './server-state.ts';

/** Documents that cannot be applied. */
export class DocumentsInvalid extends Error {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    super('the documents have mistakes');
    this.mistakes = mistakes;
  }
}

/**
 * Makes a server's groups, flows and jobs what the files say, and tells of each document as soon as it is so. Nothing is
 * sent if anything in the files is wrong; with `dryRun` nothing at all. What the files do not name stays as it is.
 * Throws DocumentsInvalid, and the fault of a server that is away or refuses.
 */
export async function apply(
  api: ApiClient,
  paths: readonly string[],
  { dryRun, tell }: { dryRun: boolean; tell(step: Step): void },
): Promise<void> {
  const { documents, mistakes } = await readFiles(paths);
  if (mistakes.length > 0) throw new DocumentsInvalid(mistakes);
  if (documents.length === 0) throw new Fault('invalid_request', 'there are no documents in these files');
  const server = await readServer(api);
  const wrong = await checkDocuments(documents, server, api);
  if (wrong.length > 0) throw new DocumentsInvalid(wrong);
  const idsOf = (records: ReadonlyMap<string, { id: string }>) =>
    new Map([...records].map(([name, { id }]) => [name, id]));
  const ids: Ids = { groups: idsOf(server.groups), flows: idsOf(server.flows) };
  for (const step of await plan(documents, server)) {
    if (!dryRun) await step.send(api, ids);
    tell(step);
  }
}
