import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { renderTemplate } from '../../../src/language/template/render-template.ts';
import { Fault } from '../../../src/model/fault.ts';

type Values = Record<string, unknown>;
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** Made with Go 1.26's text/template, option missingkey=error; `error` is Go's own message. */
const go: { values: Values; cases: { template: string; output?: string; error?: string }[] } = JSON.parse(
  read('./go-cases.json'),
);
/** Made by the program in go/, with Go 1.26: `cd test/language/template/go && go run . > ../go-table.json`. */
const table: typeof go = JSON.parse(read('./go-table.json'));
/** The original's template as Go renders it, for no registry and for one. */
const runner: { values: Values; output: string }[] = JSON.parse(read('./runner-cases.json'));

function faultOf(action: () => unknown): Fault {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a template', () => {
  test.each(go.cases.filter(({ output }) => output !== undefined))('renders as in Go: $template', (one) => {
    expect(renderTemplate(one.template, go.values)).toBe(one.output);
  });

  test.each(go.cases.filter(({ error }) => error !== undefined))('is refused as in Go: $template', (one) => {
    const fault = faultOf(() => renderTemplate(one.template, go.values, { name: 't' }));
    expect(fault.code).toBe('template_invalid');
    expect(fault.where).toMatchObject({ file: 't', line: expect.any(Number), column: expect.any(Number) });
    // Go reports the end of the text for a block that is left open; here it is the block's own place.
    if (!one.error?.includes('unexpected EOF')) expect(one.error).toContain(`template: t:${fault.where?.line}:`);
  });

  // One test for all: there are over a thousand.
  test('renders or refuses each of a table that Go made as Go does', () => {
    const results = table.cases.map((one) => {
      try {
        return { template: one.template, output: renderTemplate(one.template, table.values) };
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        return { template: one.template, error: error.message };
      }
    });
    const wrong = table.cases.flatMap(({ template, output }, index) => {
      const is = results[index];
      return is?.output === output
        ? []
        : [{ template, go: output ?? table.cases[index]?.error, is: is?.output ?? is?.error }];
    });
    expect(wrong).toEqual([]);
    expect(table.cases.length).toBeGreaterThan(1000);
  });

  test.each(runner)("of the original's runner is rendered byte for byte, registry '$values.Registry'", (one) => {
    const text = read('../../../templates/testrunner-deployment-template.yaml');
    expect(renderTemplate(text, one.values)).toBe(one.output);
  });

  test('joins a list in the argument order of strings.Join and in that of sprig', () => {
    const values = { List: ['a', 1, true] };
    expect(renderTemplate('{{join .List "-"}} {{.List | join "-"}}', values)).toBe('a-1-true a-1-true');
  });

  test('sees no more of a value than its own fields', () => {
    for (const field of ['constructor', '__proto__', 'toString', 'A.length']) {
      expect(faultOf(() => renderTemplate(`{{.${field}}}`, { A: ['x'] })).code).toBe('template_invalid');
    }
    expect(renderTemplate('{{index . "constructor"}}', {})).toBe('<no value>');
  });

  test('that would fill the memory is refused', () => {
    const many = Array.from({ length: 3000 }, () => 'x'.repeat(100));
    const fault = faultOf(() => renderTemplate('{{range .L}}{{range $.L}}{{.}}{{end}}{{end}}', { L: many }));
    expect(fault.message).toContain('the output is over 10000000 characters');
  });

  test.each([
    ['{{range 100000000}}{{end}}', 'takes more than 1000000 steps'],
    ['{{range 10000}}{{range 10000}}{{end}}{{end}}', 'takes more than 1000000 steps'],
    ['{{define "x"}}{{template "x"}}{{end}}{{template "x"}}', 'more than 100 templates in one another'],
    ['{{define "x"}}{{template "x"}}{{template "x"}}{{end}}{{template "x"}}', 'more than 100 templates in one another'],
    ['{{$x := "aaaaaaaa"}}{{range 60}}{{$x = printf "%s%s" $x $x}}{{end}}', 'the text has over 10000000 characters'],
    ['{{$x := "aaaaaaaa"}}{{range 60}}{{$x = print $x $x}}{{end}}', 'the text has over 10000000 characters'],
    [`{{${'('.repeat(60_000)}}}`, 'nested too deeply'],
    ['{{if 1}}'.repeat(20_000), 'more than 200 blocks in one another'],
    [`{{if 1}}${'{{else if 1}}'.repeat(20_000)}`, 'more than 200 blocks in one another'],
    [`a${' '.repeat(200_000)}b {{- 1 | nothing}}`, 'unknown function'],
  ])('that would take for ever is refused: %.60s', (source, reason) => {
    expect(faultOf(() => renderTemplate(source, {})).message).toContain(reason);
  });

  test('that asks printf for endless padding is refused', () => {
    expect(faultOf(() => renderTemplate('{{printf "%999999999d" 1}}', {})).message).toContain('too many characters');
    expect(faultOf(() => renderTemplate('{{printf "%*d" 3 1}}', {})).message).toContain('is not supported');
  });
});

describe('a mistake in a template has its line and column', () => {
  test.each([
    ['a\nb {{.Nme}}', 2, 5, 'unknown field .Nme', 'fields here: Name, List'],
    ['{{.Name.X}}', 1, 8, "can't take field .X of a value of type string", undefined],
    ['x\n\n  {{ nme .Name }}', 3, 6, 'unknown function "nme"', expect.stringContaining('functions: and, or, not')],
    ['{{if .Name}}\n{{range .List}}\n{{end}}', 1, 1, '{{if}} is not closed', 'close it with {{end}}'],
    ['ab {{end}}', 1, 4, 'unexpected {{end}}: nothing is open here', undefined],
    ['{{.Name', 1, 1, 'the action is not closed', 'close it with }}'],
    ['{{/* a }}', 1, 1, 'the comment is not closed', undefined],
    ['{{"abc}}', 1, 3, 'the text is not closed', undefined],
    ['{{.Name % 2}}', 1, 9, 'unexpected "%" in an action', undefined],
    ['{{template "x"}}', 1, 1, 'template "x" is not defined', undefined],
    ['a{{break}}', 1, 2, '{{break}} outside of {{range}}', undefined],
    ['{{define "x"}}', 1, 1, '{{define}} is not closed', 'close it with {{end}}'],
    ['{{if 1}}{{define "x"}}{{end}}{{end}}', 1, 9, '{{define}} inside of another block', undefined],
    ['{{$x}}', 1, 3, 'undefined variable $x', undefined],
    ['ü {{len 3}}', 1, 5, 'len: len of type int', undefined],
    ['{{eq .Name 3}}', 1, 3, 'eq: incompatible types for comparison', undefined],
    ['{{index .List 7}}', 1, 3, 'index: index out of range: 7', undefined],
    ['{{not}}', 1, 3, 'wrong number of arguments for not: want 1, got 0', undefined],
    ['{{range .Name}}{{end}}', 1, 9, "range can't iterate over a value of type string", undefined],
  ])('%j', (source, line, column, message, hint) => {
    const fault = faultOf(() => renderTemplate(source, { Name: 'n', List: [1] }, { name: 'pod.yaml' }));
    expect(fault.message).toBe(`pod.yaml, line ${line}, column ${column}: ${message}`);
    expect(fault.where).toEqual({ file: 'pod.yaml', line, column });
    expect(fault.hint).toEqual(hint);
  });
});
