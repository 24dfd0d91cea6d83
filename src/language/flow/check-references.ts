import { deployOutputs, isDeployOutput } from '../../model/deploy-outputs.ts';
import type { Mistake } from '../../model/fault.ts';
import type { Globals } from '../../model/flow.ts';
import { overBefore } from '../../model/needs.ts';
import { checkSecret } from './check-secret.ts';
import { hintFor } from './nearest.ts';
import { commonTypes, schemaAtPath } from './output-schema.ts';
import type { PlannedStep } from './planned-step.ts';
import {
  findReferences,
  globalSource,
  type Reference,
  referenceHint,
  secretSource,
  splitText,
  type ValuePath,
} from './reference-syntax.ts';
import { alternatives, type JsonSchema, membersOfAll, typeOf } from './schema.ts';

export interface ReferenceMistake extends Mistake {
  at: ValuePath;
  text: string;
}

/** What is wrong with the references of the step at `index`, seen from the steps before it and the globals. */
export function checkReferences(steps: readonly PlannedStep[], index: number, globals: Globals): ReferenceMistake[] {
  const planned = steps[index];
  if (!planned) return [];
  let over: Set<string> | undefined;
  const before = () => {
    over ??= overBefore(
      steps.map(({ step }) => step),
      index,
    );
    return over;
  };
  const { references, malformed } = findReferences(planned.step.input);
  return [
    ...malformed.map(({ at, text }) => ({ at, text, message: `${text} is not a reference`, hint: referenceHint })),
    ...references.flatMap((reference) => {
      const found = find(reference, steps, index, { globals, before });
      const mistake = 'message' in found ? found : mismatch(reference, found.types, planned);
      return mistake ? [{ at: reference.at, text: reference.text, ...mistake }] : [];
    }),
  ];
}

/** The types of what a reference names, as far as they are known; or the mistake. */
type Found = { types: Set<string> | undefined } | Mistake;

/** What a reference may see besides the steps: the globals, and which steps are over in any case. */
interface Seen {
  globals: Globals;
  before(): ReadonlySet<string>;
}

function find(reference: Reference, steps: readonly PlannedStep[], index: number, seen: Seen): Found {
  if (reference.source === globalSource) return inGlobals(reference, seen.globals);
  if (reference.source !== secretSource) return inSteps(reference, steps, index, seen);
  const planned = steps[index];
  return (planned && checkSecret(reference, planned)) ?? { types: new Set(['string']) };
}

function inGlobals({ text, path }: Reference, globals: Globals): Found {
  const name = path.join('.');
  if (Object.hasOwn(globals, name)) return { types: new Set([typeOf(globals[name])]) };
  return { message: `${text}: no global is named "${name}"`, hint: hintFor(name, Object.keys(globals), 'globals') };
}

function inSteps(
  { text, source, path }: Reference,
  steps: readonly PlannedStep[],
  index: number,
  { before: over }: Seen,
): Found {
  const target = steps.findIndex(({ step }) => step.instance === source);
  if (target === index) return { message: `${text}: the step refers to itself`, hint: 'refer to a step before it' };
  if (target > index) {
    return { message: `${text}: "${source}" runs later than this step`, hint: `move "${source}" before it` };
  }
  const found = steps[target];
  if (!found) {
    const before = steps.slice(0, index).map(({ step }) => step.instance);
    return { message: `${text}: no step is named "${source}"`, hint: hintFor(source, before, 'steps before it') };
  }
  if (!over().has(source)) {
    const message = `${text}: "${source}" may still run when this step begins`;
    return { message, hint: `add "${source}" to the needs of this step` };
  }
  if (!found.plugin) return { types: undefined };
  const at = schemaAtPath(found.plugin.outputSchema, path);
  if ('schemas' in at) return { types: commonTypes(at.schemas) };
  // The original's programs return them without always naming them in their schema.
  const isProgram = found.plugin.pluginType === 'Deployer' && found.plugin.form === 'executable';
  if (isProgram && isDeployOutput(path)) return { types: new Set(['string']) };
  const known = isProgram && at.after.length === 0 ? [...new Set([...at.known, ...deployOutputs])] : at.known;
  const owner = [source, ...at.after].join('.');
  const message = `${text}: ${owner} has no "${at.missing}" (an output of plugin ${found.plugin.name})`;
  return { message, hint: hintFor(at.missing, known, `outputs of ${owner}`) };
}

/** A reference that is all of a value must have a type that can become the wanted one; a part of a text makes a text. */
function mismatch({ text, at, whole }: Reference, types: Set<string> | undefined, { step, plugin }: PlannedStep) {
  const wanted = plugin && commonTypes(schemasAt(plugin.inputSchema, at));
  if (!wanted) return undefined;
  const want = `but ${[...wanted].join(' or ')} is wanted`;
  if (!whole) {
    const rest = around(step.input, at);
    if (![...wanted].every(isNumber) || /^[\d\seE.+-]*$/.test(rest)) return undefined;
    return { message: `${text}: is in a text with ${JSON.stringify(rest)}, ${want}` };
  }
  if (!types || [...types].some((from) => [...wanted].some((to) => convertible(from, to)))) return undefined;
  return { message: `${text}: is of type ${[...types].join(' or ')}, ${want}` };
}

/** What is in the text at a path besides its references. */
function around(input: unknown, at: ValuePath): string {
  const text = at.reduce<unknown>((part, key) => (part as Record<string | number, unknown>)[key], input);
  return splitText(String(text))
    .flatMap((piece) => ('literal' in piece ? [piece.literal] : []))
    .join('');
}

function convertible(from: string, to: string): boolean {
  return from === to || from === 'string' || to === 'string' || (isNumber(from) && isNumber(to));
}

function isNumber(type: string): boolean {
  return type === 'integer' || type === 'number';
}

function schemasAt(root: JsonSchema, path: ValuePath): JsonSchema[] {
  return path.reduce<JsonSchema[]>((schemas, key) => membersOfAll(schemas, key, root), alternatives(root, root));
}
