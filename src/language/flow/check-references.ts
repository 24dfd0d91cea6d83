import { deployOutputs, isDeployOutput } from '../../model/deploy-outputs.ts';
import type { Issue } from '../../model/fault.ts';
import type { Globals } from '../../model/flow.ts';
import { finishedBefore } from '../../model/needs.ts';
import { checkSecret } from './check-secret.ts';
import { hintFor } from './closest-match.ts';
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

export interface ReferenceIssue extends Issue {
  at: ValuePath;
  text: string;
}

/** Returns the issues of the references of the step at `index`, given the earlier steps and the globals. */
export function checkReferences(steps: readonly PlannedStep[], index: number, globals: Globals): ReferenceIssue[] {
  const planned = steps[index];
  if (!planned) return [];
  let over: Set<string> | undefined;
  const before = () => {
    over ??= finishedBefore(
      steps.map(({ step }) => step),
      index,
    );
    return over;
  };
  const { references, malformed } = findReferences(planned.step.input);
  return [
    ...malformed.map(({ at, text }) => ({ at, text, message: `${text} is not a reference`, hint: referenceHint })),
    ...references.flatMap((reference) => {
      const found = resolve(reference, steps, index, { globals, before });
      const issue = 'message' in found ? found : mismatch(reference, found.types, planned);
      return issue ? [{ at: reference.at, text: reference.text, ...issue }] : [];
    }),
  ];
}

/** The possible types of a reference's target, if known; or the issue. */
type Resolved = { types: Set<string> | undefined } | Issue;

/** Context of a reference besides the steps: the globals, and the steps that have certainly finished. */
interface Context {
  globals: Globals;
  before(): ReadonlySet<string>;
}

function resolve(reference: Reference, steps: readonly PlannedStep[], index: number, context: Context): Resolved {
  if (reference.source === globalSource) return resolveInGlobals(reference, context.globals);
  if (reference.source !== secretSource) return resolveInSteps(reference, steps, index, context);
  const planned = steps[index];
  return (planned && checkSecret(reference, planned)) ?? { types: new Set(['string']) };
}

function resolveInGlobals({ text, path }: Reference, globals: Globals): Resolved {
  const name = path.join('.');
  if (Object.hasOwn(globals, name)) return { types: new Set([typeOf(globals[name])]) };
  return { message: `${text}: no global is named "${name}"`, hint: hintFor(name, Object.keys(globals), 'globals') };
}

function resolveInSteps(
  { text, source, path }: Reference,
  steps: readonly PlannedStep[],
  index: number,
  { before: over }: Context,
): Resolved {
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
  // The original's programs do not always declare these outputs in their schema.
  const isProgram = found.plugin.pluginType === 'Deployer' && found.plugin.form === 'executable';
  if (isProgram && isDeployOutput(path)) return { types: new Set(['string']) };
  const known = isProgram && at.after.length === 0 ? [...new Set([...at.known, ...deployOutputs])] : at.known;
  const owner = [source, ...at.after].join('.');
  const message = `${text}: ${owner} has no "${at.missing}" (an output of plugin ${found.plugin.name})`;
  return { message, hint: hintFor(at.missing, known, `outputs of ${owner}`) };
}

/** Checks types: a reference that is a whole value must be convertible to the expected type; within a text it becomes text. */
function mismatch({ text, at, whole }: Reference, types: Set<string> | undefined, { step, plugin }: PlannedStep) {
  const expected = plugin && commonTypes(schemasAt(plugin.inputSchema, at));
  if (!expected) return undefined;
  const expectation = `but ${[...expected].join(' or ')} is expected`;
  if (!whole) {
    const rest = textAround(step.input, at);
    if (![...expected].every(isNumber) || /^[\d\seE.+-]*$/.test(rest)) return undefined;
    return { message: `${text}: is part of a text with ${JSON.stringify(rest)}, ${expectation}` };
  }
  if (!types || [...types].some((from) => [...expected].some((to) => isConvertible(from, to)))) return undefined;
  return { message: `${text}: is of type ${[...types].join(' or ')}, ${expectation}` };
}

/** Returns the text at a path without its references. */
function textAround(input: unknown, at: ValuePath): string {
  const text = at.reduce<unknown>((part, key) => (part as Record<string | number, unknown>)[key], input);
  return splitText(String(text))
    .flatMap((piece) => ('literal' in piece ? [piece.literal] : []))
    .join('');
}

function isConvertible(from: string, to: string): boolean {
  return from === to || from === 'string' || to === 'string' || (isNumber(from) && isNumber(to));
}

function isNumber(type: string): boolean {
  return type === 'integer' || type === 'number';
}

function schemasAt(root: JsonSchema, path: ValuePath): JsonSchema[] {
  return path.reduce<JsonSchema[]>((schemas, key) => membersOfAll(schemas, key, root), alternatives(root, root));
}
