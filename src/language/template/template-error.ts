import { Fault } from '../../model/fault.ts';

/** An error at an offset of a template; converted to a Fault with the template's name and text. */
export class TemplateError extends Error {
  readonly offset: number;
  readonly hint: string | undefined;

  constructor(message: string, offset: number, hint?: string) {
    super(message);
    this.offset = offset;
    this.hint = hint;
  }
}

/** Converts the error to `template_invalid`, with line and column from 1. */
export function templateFault(error: TemplateError, source: string, name: string): Fault {
  const before = source.slice(0, error.offset);
  const line = before.split('\n').length;
  const column = error.offset - (before.lastIndexOf('\n') + 1) + 1;
  return new Fault('template_invalid', `${name}, line ${line}, column ${column}: ${error.message}`, {
    where: { file: name, line, column },
    hint: error.hint,
    cause: error,
  });
}
