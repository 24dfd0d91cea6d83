import { Fault } from '../../model/fault.ts';

/** What is wrong at an offset of a template; becomes a Fault where the template's name and text are known. */
export class TemplateError extends Error {
  readonly offset: number;
  readonly hint: string | undefined;

  constructor(message: string, offset: number, hint?: string) {
    super(message);
    this.offset = offset;
    this.hint = hint;
  }
}

/** The error as `template_invalid`, with the line and column of its offset, both from 1. */
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
