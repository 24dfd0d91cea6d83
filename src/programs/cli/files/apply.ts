import { Fault, faultCatalogue, type Mistake } from '../../../model/fault.ts';
import type { ApiClient } from '../api-client.ts';
import { checkDocuments } from './check-documents.ts';
import { parsePath } from './parse-path.ts';
import { type Ids, plan, type Step } from './plan.ts';
import { readFiles } from './read-files.ts';
import { readServer } from './server-state.ts';

/** Documents that cannot be applied, how many were sent before, and whether it is known that the last one was not taken. */
export class NotApplied extends Error {
  readonly mistakes: readonly Mistake[];
  readonly applied: number;
  readonly isSure: boolean;

  constructor(mistakes: readonly Mistake[], { applied = 0, isSure = true } = {}) {
    super('the documents cannot be applied');
    this.mistakes = mistakes;
    this.applied = applied;
    this.isSure = isSure;
  }
}

/**
 * Makes a server's groups, flows and jobs what the files say, and tells of each document as soon as it is so. Nothing is
 * sent if anything in the files is wrong; with `dryRun` nothing at all. It warns of what would have no effect. What the files do not name stays as it is.
 * Throws NotApplied, and the fault of a server that is away.
 */
export async function apply(
  api: ApiClient,
  paths: readonly string[],
  { dryRun, tell, warn }: { dryRun: boolean; tell(step: Step): void; warn(warning: Mistake): void },
): Promise<void> {
  const { documents, mistakes } = await readFiles(paths);
  if (mistakes.length > 0) throw new NotApplied(mistakes);
  if (documents.length === 0) throw new Fault('invalid_request', 'there are no documents in these files');
  const server = await readServer(api);
  const steps = await plan(documents, server);
  const checked = await checkDocuments(steps, server, api);
  if (checked.mistakes.length > 0) throw new NotApplied(checked.mistakes);
  checked.warnings.forEach(warn);
  const idsOf = (records: ReadonlyMap<string, { id: string }>) =>
    new Map([...records].map(([name, { id }]) => [name, id]));
  const ids: Ids = { groups: idsOf(server.groups), flows: idsOf(server.flows) };
  let applied = 0;
  for (const step of steps) {
    if (!dryRun) await step.send(api, ids).catch((error: unknown) => refused(step, error, applied));
    if (step.effect !== 'unchanged') applied += 1;
    tell(step);
  }
}

/**
 * What the server refuses although the check found nothing, as it has changed meanwhile or knows more. A server that failed or
 * was cut off may have taken the document all the same.
 */
function refused({ document: { kind, said, place } }: Step, error: unknown, applied: number): never {
  if (!(error instanceof Fault)) throw error;
  const where = place(kind === 'Job' && error.where?.path ? parsePath(error.where.path) : ['name']);
  const mistake = { message: `${kind} ${said.name}: ${error.message}`, where, hint: error.hint };
  throw new NotApplied([mistake], { applied, isSure: faultCatalogue[error.code].status < 500 });
}
