import { functions } from './functions.ts';
import { print } from './print.ts';
import { TemplateError } from './template-error.ts';
import type { Command, Named, Operand, ParsedTemplate, Pipe, TemplateNode } from './tree.ts';
import { isTrue, kindOf, sortedEntries, typeName } from './values.ts';

/** Maximum length of the output and of a text, in characters: a template over a large list must not exhaust the memory. */
const maxOutputLength = 10_000_000;
/** Safety limits, far above real templates: evaluated nodes, and nested templates. */
const max = { steps: 1_000_000, depth: 100 };

interface Scope {
  dot: unknown;
  /** Innermost last. */
  variables: { name: string; value: unknown }[];
  out: Output;
  defined: ParsedTemplate['defined'];
  /** Depth of nested templates. */
  depth: number;
}

class Output {
  #parts: string[] = [];
  #length = 0;
  #steps = 0;

  step(): void {
    this.#steps += 1;
    if (this.#steps > max.steps) throw new TemplateError(`the template exceeds the limit of ${max.steps} steps`, 0);
  }

  write(text: string): void {
    this.#length += text.length;
    if (this.#length > maxOutputLength)
      throw new TemplateError(`the output exceeds the limit of ${maxOutputLength} characters`, 0);
    this.#parts.push(text);
  }

  text(): string {
    return this.#parts.join('');
  }
}

/** Renders a template with the values. Throws TemplateError with the offset of the failed operand. */
export function evaluate({ nodes, defined }: ParsedTemplate, values: Record<string, unknown>): string {
  const out = new Output();
  walk(nodes, { dot: values, variables: [{ name: '', value: values }], out, defined, depth: 0 });
  return out.text();
}

/** Effect of a node on the enclosing range. */
type Jump = 'break' | 'continue' | undefined;

function walk(nodes: readonly TemplateNode[], scope: Scope): Jump {
  const visible = scope.variables.length;
  let jump: Jump;
  for (const node of nodes) {
    scope.out.step();
    if (node.kind === 'break' || node.kind === 'continue') jump = node.kind;
    else if (node.kind === 'template') walkTemplate(node, scope);
    else if (node.kind === 'text') scope.out.write(node.text);
    else if (node.kind === 'action') {
      const value = evaluatePipe(node.pipe, scope);
      if (node.pipe.variables.length === 0) scope.out.write(kindOf(value) === 'nil' ? '<no value>' : print(value));
    } else jump = walkBranch(node, scope);
    if (jump) break;
  }
  scope.variables.length = visible;
  return jump;
}

/** Renders a template by name. It sees no variables of its caller; its `.` and `$` are its argument. */
function walkTemplate({ name, pipe, offset }: Extract<TemplateNode, { kind: 'template' }>, scope: Scope): void {
  const nodes = scope.defined.get(name);
  if (!nodes) throw new TemplateError(`template ${JSON.stringify(name)} is not defined`, offset);
  if (scope.depth >= max.depth)
    throw new TemplateError(`templates are nested more than ${max.depth} levels deep`, offset);
  const dot = pipe ? evaluatePipe(pipe, scope) : null;
  walk(nodes, { ...scope, dot, variables: [{ name: '', value: dot }], depth: scope.depth + 1 });
}

function walkBranch(node: Extract<TemplateNode, { pipe: Pipe; body: unknown }>, scope: Scope): Jump {
  const visible = scope.variables.length;
  let jump: Jump;
  if (node.kind === 'range') jump = walkRange(node.pipe, node.body, node.otherwise, scope);
  else {
    const value = evaluatePipe(node.pipe, scope);
    if (isTrue(value)) jump = walk(node.body, node.kind === 'with' ? { ...scope, dot: value } : scope);
    else jump = walk(node.otherwise, scope);
  }
  scope.variables.length = visible;
  return jump;
}

function walkRange(pipe: Pipe, body: TemplateNode[], otherwise: TemplateNode[], scope: Scope): Jump {
  const value = evaluatePipe({ ...pipe, variables: [] }, scope);
  const kind = kindOf(value);
  const entries = entriesOf(value);
  if (!entries) throw new TemplateError(`range can't iterate over a value of type ${typeName(value)}`, pipe.offset);
  const [first, second] = pipe.variables;
  if (kind === 'int' && second !== undefined) {
    throw new TemplateError(`can't use ${value} to iterate over more than one variable`, pipe.offset);
  }
  let isEmpty = true;
  for (const [key, one] of entries) {
    isEmpty = false;
    scope.out.step();
    const visible = scope.variables.length;
    if (second !== undefined) {
      setVariable(scope, pipe, first ?? '', key);
      setVariable(scope, pipe, second, one);
    } else if (first !== undefined) setVariable(scope, pipe, first, one);
    const jump = walk(body, { ...scope, dot: one });
    scope.variables.length = visible;
    if (jump === 'break') break;
  }
  // As in Go, a break in the else of a range belongs to this range.
  const jump = isEmpty ? walk(otherwise, scope) : undefined;
  return jump === 'break' ? undefined : jump;
}

/** Returns the keys and values for a range over a list, a map, the integers below a number, or nil; else undefined. */
function entriesOf(value: unknown): Iterable<[unknown, unknown]> | undefined {
  const kind = kindOf(value);
  if (kind === 'slice') return (value as unknown[]).entries();
  if (kind === 'map') return sortedEntries(value);
  if (kind === 'int') return numbersBelow(Number(value));
  return kind === 'nil' ? [] : undefined;
}

function* numbersBelow(end: number): Generator<[number, number]> {
  for (let at = 0; at < end; at += 1) yield [at, at];
}

function setVariable({ variables }: Scope, { assigns }: Pipe, name: string, value: unknown): void {
  const known = assigns ? variables.findLast((variable) => variable.name === name) : undefined;
  if (known) known.value = value;
  else variables.push({ name, value });
}

/** Sentinel for a command without piped input; nil may be piped. */
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
  if (given < known.minArguments || given > known.maxArguments) {
    const expected =
      known.minArguments === known.maxArguments ? `${known.minArguments}` : `at least ${known.minArguments}`;
    throw new TemplateError(`wrong number of arguments for ${name}: want ${expected}, got ${given}`, offset);
  }
  const values: unknown[] = [];
  for (const operand of rest) {
    const value = evaluateOperand(operand, scope);
    if ((name === 'and' && !isTrue(value)) || (name === 'or' && isTrue(value))) return value;
    values.push(value);
  }
  if (piped !== nothing) values.push(piped);
  try {
    const result = known.call(...values);
    // Repeated concatenation may grow a text without writing it.
    if (typeof result === 'string' && result.length > maxOutputLength) {
      throw new RangeError(`the text exceeds the limit of ${maxOutputLength} characters`);
    }
    return result;
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      throw new TemplateError(`${name}: ${error.message}`, offset);
    throw error;
  }
}

/** Returns a field of a map, as in Go; unlike Go, an unknown field is an error. */
function field(value: unknown, { name, offset }: Named): unknown {
  if (kindOf(value) !== 'map') {
    throw new TemplateError(`can't take field .${name} of a value of type ${typeName(value)}`, offset);
  }
  const map = value as Record<string, unknown>;
  if (Object.hasOwn(map, name)) return map[name];
  const names = Object.keys(map).slice(0, 20);
  throw new TemplateError(`unknown field .${name}`, offset, `fields here: ${names.join(', ') || 'none'}`);
}
