import { Fault, faultCatalogue, type Issue } from '../../../model/fault.ts';
import type { ApiClient } from '../api-client.ts';
import { checkDocuments } from './check-documents.ts';
import { parsePath } from './parse-path.ts';
import { type Ids, planChanges, type Step } from './plan.ts';
import { readFiles } from './read-files.ts';
import { readServer } from './server-state.ts';

/** Issues that stopped an apply. `applied` counts earlier documents; `isSure` is false when the last document may be applied. */
export class NotApplied extends Error {
  readonly issues: readonly Issue[];
  readonly applied: number;
  readonly isSure: boolean;

  constructor(issues: readonly Issue[], { applied = 0, isSure = true } = {}) {
    super('cannot apply the documents');
    this.issues = issues;
    this.applied = applied;
    this.isSure = isSure;
  }
}

/**
 * Applies the groups, flows and jobs of files to a server, and reports each applied document. Sends nothing if the files have
 * any issue, or with `dryRun`. Warns about settings without effect. Does not change what the files do not name.
 * Throws NotApplied, and the Fault of an unreachable server.
 */
export async function apply(
  api: ApiClient,
  paths: readonly string[],
  { dryRun, tell, warn }: { dryRun: boolean; tell(step: Step): void; warn(warning: Issue): void },
): Promise<void> {
  const { documents, issues } = await readFiles(paths);
  if (issues.length > 0) throw new NotApplied(issues);
  if (documents.length === 0) throw new Fault('invalid_request', 'these files contain no documents');
  const server = await readServer(api);
  const steps = await planChanges(documents, server);
  const checked = await checkDocuments(steps, server, api);
  if (checked.issues.length > 0) throw new NotApplied(checked.issues);
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
 * Throws NotApplied for a document that the server refuses although the check passed. After a server error or a lost
 * connection, the document may be applied all the same.
 */
function refused({ document: { kind, spec, place } }: Step, error: unknown, applied: number): never {
  if (!(error instanceof Fault)) throw error;
  const where = place(kind === 'Job' && error.where?.path ? parsePath(error.where.path) : ['name']);
  const issue = { message: `${kind} ${spec.name}: ${error.message}`, where, hint: error.hint };
  throw new NotApplied([issue], { applied, isSure: faultCatalogue[error.code].status < 500 });
}
