import { functions } from './functions.ts';
import { print } from './print.ts';
import { TemplateError } from './template-error.ts';
import type { Command, Named, Operand, Pipe, TemplateNode } from './tree.ts';
import { isTrue, kindOf, sortedEntries, typeName } from './values.ts';

/** More than any manifest or script needs; a template over a large list must not fill the memory. */
const longestOutput = 10_000_000;

interface Scope {
  dot: unknown;
  /** Innermost last. */
  variables: { name: string; value: unknown }[];
  out: Output;
}

class Output {
  #parts: string[] = [];
  #length = 0;

  write(text: string): void {
    this.#length += text.length;
    if (this.#length > longestOutput) throw new TemplateError(`the output is over ${longestOutput} characters`, 0);
    this.#parts.push(text);
  }

  text(): string {
    return this.#parts.join('');
  }
}

/** The text that a template makes of the values. Throws TemplateError with the offset of what could not be evaluated. */
export function evaluate(nodes: readonly TemplateNode[], values: Record<string, unknown>): string {
  const out = new Output();
  walk(nodes, { dot: values, variables: [{ name: '', value: values }], out });
  return out.text();
}

function walk(nodes: readonly TemplateNode[], scope: Scope): void {
  const visible = scope.variables.length;
  for (const node of nodes) {
    if (node.kind === 'text') scope.out.write(node.text);
    else if (node.kind === 'action') {
      const value = evaluatePipe(node.pipe, scope);
      if (node.pipe.variables.length === 0) scope.out.write(kindOf(value) === 'nil' ? '<no value>' : print(value));
    } else walkBranch(node, scope);
  }
  scope.variables.length = visible;
}

function walkBranch(node: Extract<TemplateNode, { pipe: Pipe; body: unknown }>, scope: Scope): void {
  const visible = scope.variables.length;
  if (node.kind === 'range') walkRange(node.pipe, node.body, node.otherwise, scope);
  else {
    const value = evaluatePipe(node.pipe, scope);
    if (isTrue(value)) walk(node.body, node.kind === 'with' ? { ...scope, dot: value } : scope);
    else walk(node.otherwise, scope);
  }
  scope.variables.length = visible;
}

function walkRange(pipe: Pipe, body: TemplateNode[], otherwise: TemplateNode[], scope: Scope): void {
  const value = evaluatePipe({ ...pipe, variables: [] }, scope);
  const kind = kindOf(value);
  if (kind !== 'slice' && kind !== 'map' && kind !== 'nil') {
    throw new TemplateError(`range can't iterate over a value of type ${typeName(value)}`, pipe.offset);
  }
  const entries: [unknown, unknown][] =
    kind === 'slice' ? [...(value as unknown[]).entries()] : kind === 'map' ? sortedEntries(value) : [];
  const [first, second] = pipe.variables;
  for (const [key, one] of entries) {
    const visible = scope.variables.length;
    if (second !== undefined) {
      setVariable(scope, pipe, first ?? '', key);
      setVariable(scope, pipe, second, one);
    } else if (first !== undefined) setVariable(scope, pipe, first, one);
    walk(body, { ...scope, dot: one });
    scope.variables.length = visible;
  }
  if (entries.length === 0) walk(otherwise, scope);
}

function setVariable({ variables }: Scope, { assigns }: Pipe, name: string, value: unknown): void {
  const known = assigns ? variables.findLast((variable) => variable.name === name) : undefined;
  if (known) known.value = value;
  else variables.push({ name, value });
}

/** Sentinel for a command that nothing was piped into; nil may be piped. */
const nothing = Symbol('nothing');

function evaluatePipe(pipe: Pipe, scope: Scope): unknown {
  let value: unknown = nothing;
  for (const command of pipe.commands) value = evaluateCommand(command, value, scope);
  for (const name of pipe.variables) setVariable(scope, pipe, name, value);
  return value;
}

function evaluateCommand([first, ...rest]: Command, piped: unknown, scope: Scope): unknown {
  if (first.head.kind === 'function' && first.fields.length === 0) return call(first, rest, piped, scope);
  if (rest.length > 0 || piped !== nothing) {
    throw new TemplateError('only a function can be given arguments', first.offset);
  }
  return evaluateOperand(first, scope);
}

function evaluateOperand({ head, fields, offset }: Operand, scope: Scope): unknown {
  const start = () => {
    switch (head.kind) {
      case 'literal':
        return head.value;
      case 'nil':
        return null;
      case 'dot':
        return scope.dot;
      case 'variable':
        return scope.variables.findLast(({ name }) => name === head.name)?.value;
      case 'pipe':
        return evaluatePipe(head.pipe, scope);
      default:
        return call({ head, fields: [], offset }, [], nothing, scope);
    }
  };
  return fields.reduce(field, start());
}

function call({ head, offset }: Operand, rest: readonly Operand[], piped: unknown, scope: Scope): unknown {
  const name = head.kind === 'function' ? head.name : '';
  const known = functions[name];
  if (!known) throw new TemplateError(`unknown function "${name}"`, offset);
  const given = rest.length + (piped === nothing ? 0 : 1);
  if (given < known.least || given > known.most) {
    const wanted = known.least === known.most ? `${known.least}` : `at least ${known.least}`;
    throw new TemplateError(`wrong number of arguments for ${name}: want ${wanted}, got ${given}`, offset);
  }
  const values: unknown[] = [];
  for (const operand of rest) {
    const value = evaluateOperand(operand, scope);
    if ((name === 'and' && !isTrue(value)) || (name === 'or' && isTrue(value))) return value;
    values.push(value);
  }
  if (piped !== nothing) values.push(piped);
  try {
    return known.call(...values);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      throw new TemplateError(`${name}: ${error.message}`, offset);
    throw error;
  }
}

/** As in Go only maps have fields; unlike there, a field that the map does not have is an error. */
function field(value: unknown, { name, offset }: Named): unknown {
  if (kindOf(value) !== 'map') {
    throw new TemplateError(`can't take field .${name} of a value of type ${typeName(value)}`, offset);
  }
  const map = value as Record<string, unknown>;
  if (Object.hasOwn(map, name)) return map[name];
  const names = Object.keys(map).slice(0, 20);
  throw new TemplateError(`unknown field .${name}`, offset, `fields here: ${names.join(', ') || 'none'}`);
}
