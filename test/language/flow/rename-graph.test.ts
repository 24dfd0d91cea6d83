import { describe, expect, test } from '@jest/globals';
import { parseGraph } from '../../../src/language/flow/parse-graph.ts';
import { renameGraph } from '../../../src/language/flow/rename-graph.ts';

const pipeline = 'pipeline:\n  a: {plugin: bash, name: bash} # name: old\n';

describe('renameGraph', () => {
  test.each([
    [
      'a plain scalar with comments',
      `# old\nname:  old # the old one\n${pipeline}`,
      `# old\nname:  new # the old one\n${pipeline}`,
    ],
    ['single quotes', `name: 'o''ld'\n${pipeline}`, `name: new\n${pipeline}`],
    ['double quotes', `name: "old"\n${pipeline}`, `name: "new"\n${pipeline}`],
    ['a block scalar', `name: >-\n  old\n  one\n${pipeline}`, `name: new\n${pipeline}`],
    ['a name after the pipeline', `${pipeline}name: old`, `${pipeline}name: new`],
    [
      'JSON',
      '{"pipeline":{"a":{"plugin":"bash"}},"name": "old"}',
      '{"pipeline":{"a":{"plugin":"bash"}},"name": "new"}',
    ],
    ['an empty value', `name:\n${pipeline}`, `name: new\n${pipeline}`],
    ['an empty value with a comment', `name: # todo\n${pipeline}`, `name: new # todo\n${pipeline}`],
    ['an anchor', `name: &n old\n${pipeline}`, `name: &n new\n${pipeline}`],
    ['an alias', `x-n: &n old\nname: *n\n${pipeline}`, `x-n: &n old\nname: new\n${pipeline}`],
    ['Windows line endings', `name: old\r\n${pipeline}`, `name: new\r\n${pipeline}`],
    ['a missing name', pipeline, pipeline],
  ])('replaces only the own name of a flow with %s', (_, before, after) => {
    const renamed = renameGraph(before, 'new');
    expect(renamed).toBe(after);
    expect(parseGraph(renamed).graph.name).toBe(before === pipeline ? undefined : 'new');
  });

  test.each([
    'true',
    'null',
    'No',
    '1.0',
    '0x10',
    '- a',
    'a: b',
    'a #b',
    '{a}',
    ' a ',
    'a,b]',
    '*x',
    "it's",
    '"',
    'näme',
    'two\nlines',
    'é\u2028',
  ])('writes %j as a string', (name) => {
    for (const before of [`name: old\n${pipeline}`, `{name: old, pipeline: {a: {plugin: bash}}}`]) {
      const { graph } = parseGraph(renameGraph(before, name));
      expect(graph.name).toBe(name);
      expect(graph.steps).toHaveLength(1);
    }
  });
});
