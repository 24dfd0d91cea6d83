import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { stringify } from 'yaml';
import { Fault } from '../../model/fault.ts';
import type { FlowRevision } from '../../model/flow.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import { requireFound } from '../../model/require-found.ts';

/** Time limit of a comparison: two large texts without a common line take minutes. */
const timeoutMs = 5000;

const fields = ['name', 'description', 'globalProperties', 'graph'] as const;
type Field = (typeof fields)[number];

/** The differences of two revisions of a flow: a unified diff, as git prints it, for each changed field. */
export interface Comparison {
  from: Pick<FlowRevision, 'revision' | 'by' | 'at'>;
  to: Pick<FlowRevision, 'revision' | 'by' | 'at'>;
  changes: { field: Field; patch: string }[];
}

/** Compares two revisions of a flow line by line. Faults: not_found, too_large when they have too little in common. */
export async function compareRevisions(flows: FlowStore, id: string, from: number, to: number): Promise<Comparison> {
  const [one, other] = await Promise.all([from, to].map((n) => flows.revision(id, n)));
  const before = requireFound(one, `revision ${from} of test flow ${id}`);
  const after = requireFound(other, `revision ${to} of test flow ${id}`);
  const changes: Comparison['changes'] = [];
  for (const field of fields) {
    const [old, now] = [asText(before, field), asText(after, field)];
    if (old !== now) changes.push({ field, patch: await patchOf(field, [from, old], [to, now]) });
  }
  const head = ({ revision, by, at }: FlowRevision) => ({ revision, by, at });
  return { from: head(before), to: head(after), changes };
}

function asText(revision: FlowRevision, field: Field): string {
  if (field === 'graph') return revision.graph;
  if (field === 'globalProperties') return stringify(revision.globalProperties, { sortMapEntries: true });
  return revision[field] === '' ? '' : `${revision[field]}\n`;
}

async function patchOf(field: Field, [from, old]: [number, string], [to, now]: [number, string]): Promise<string> {
  const names = [`revision ${from}/${field}`, `revision ${to}/${field}`] as const;
  const patch = await new Promise<string | undefined>((callback) => {
    // With a callback the diff yields to other work between its steps.
    const options = { context: 3, timeout: timeoutMs, headerOptions: FILE_HEADERS_ONLY, callback };
    createTwoFilesPatch(...names, old, now, undefined, undefined, options);
  });
  if (patch !== undefined) return patch;
  throw new Fault('too_large', `the ${field} of the two revisions has too little in common for a comparison`, {
    hint: 'get both revisions and compare them with another tool',
  });
}
