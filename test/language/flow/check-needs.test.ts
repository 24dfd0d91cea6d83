import { describe, expect, test } from '@jest/globals';
import { check, issuesOf, makePlugin } from '../../support/language/flow/flows.ts';

const plugins = [makePlugin({ outputSchema: { type: 'object', properties: { url: { type: 'string' } } } })];
const flow = (it: string) => `pipeline:
  one: {plugin: probe}
  two: {plugin: probe, needs: []}
  three: {plugin: probe, needs: [two]}
  it: {plugin: probe, ${it}}
  later: {plugin: probe}
`;
const issues = (it: string) => issuesOf(() => check(flow(it), { plugins }));

describe('the needs of a step', () => {
  test('are stored in the parsed step', () => {
    const [one, two, , it] = check(flow('needs: [one, two]'), { plugins }).map(({ step }) => step);
    expect([one?.needs, two?.needs, it?.needs]).toEqual([undefined, [], ['one', 'two']]);
  });

  test.each([
    ['name an unknown step', 'needs: [one, twu]', '5:36 no step is named "twu"'],
    ['name the step itself', 'needs: [it]', '5:31 the step needs itself'],
    ['name a later step', 'needs: [later]', '5:31 "later" comes later than this step'],
    ['name a step twice', 'needs: [one, one]', '5:36 "one" is listed twice'],
    ['are not a list', 'needs: one', '5:30 pipeline.it.needs: expected a list of the names of steps before it'],
  ])('are rejected when they %s', (_, it, issue) => {
    expect(issues(it)).toEqual([issue]);
  });
});

describe('a reference of a step with needs', () => {
  test.each([
    ['a step that it needs', 'needs: [one], input: {url: "{{one.url}}"}'],
    ['a step that one of those needs', 'needs: [three], input: {url: "{{two.url}}"}'],
  ])('may refer to %s', (_, it) => {
    expect(check(flow(it), { plugins })).toHaveLength(5);
  });

  test('must not refer to a step that may still run', () => {
    expect(issues('needs: [three], input: {url: "{{one.url}}"}')).toEqual([
      '5:53 {{one.url}}: "one" may still run when this step begins',
    ]);
  });

  test('may refer to every earlier step when the step has no needs', () => {
    expect(check(flow('input: {a: "{{one.url}}", b: "{{three.url}}"}'), { plugins })).toHaveLength(5);
  });
});
