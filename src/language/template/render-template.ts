import { evaluate } from './evaluate.ts';
import { parseTemplate } from './parser.ts';
import { TemplateError, templateFault } from './template-error.ts';

/**
 * Renders a template in the subset of Go's text/template in docs/reference/go-templates.md, with Go's rules for truth, white
 * space, escapes and printing. Throws `template_invalid` with file, line and column, also for an unknown field.
 */
export function renderTemplate(
  source: string,
  values: Record<string, unknown>,
  options: { name?: string } = {},
): string {
  try {
    return evaluate(parseTemplate(source), values);
  } catch (error) {
    if (error instanceof RangeError && error.message.startsWith('Maximum call stack')) {
      const tooDeep = new TemplateError('this is nested too deeply', 0);
      throw templateFault(tooDeep, source, options.name ?? 'template');
    }
    if (error instanceof TemplateError) throw templateFault(error, source, options.name ?? 'template');
    throw error;
  }
}
