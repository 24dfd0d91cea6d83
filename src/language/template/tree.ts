export interface Named {
  name: string;
  offset: number;
}

/** Start of an operand, before its `.Field`s. */
export type Head =
  | { kind: 'literal'; value: unknown }
  | { kind: 'nil' }
  | { kind: 'dot' }
  | { kind: 'variable'; name: string }
  | { kind: 'function'; name: string }
  | { kind: 'pipe'; pipe: Pipe };

export interface Operand {
  head: Head;
  fields: Named[];
  offset: number;
}

/** Operands between two `|`; the first is the function when there are several. Never empty. */
export type Command = [Operand, ...Operand[]];

export interface Pipe {
  variables: string[];
  /** True for `=`, false for `:=`. */
  assigns: boolean;
  commands: Command[];
  offset: number;
}

/** A template, with the templates that it defines by name. */
export interface ParsedTemplate {
  nodes: TemplateNode[];
  defined: ReadonlyMap<string, readonly TemplateNode[]>;
}

export type TemplateNode =
  | { kind: 'text'; text: string }
  | { kind: 'action'; pipe: Pipe }
  | { kind: 'template'; name: string; pipe?: Pipe; offset: number }
  | { kind: 'break' }
  | { kind: 'continue' }
  | { kind: 'if' | 'with' | 'range'; pipe: Pipe; body: TemplateNode[]; otherwise: TemplateNode[] };
