import { describe, expect, test } from '@jest/globals';
import { closestMatch, hintFor } from '../../../src/language/flow/closest-match.ts';
import { findPlugin } from '../../../src/language/flow/find-plugin.ts';
import { check, faultOf, makePlugin } from '../../support/language/flow/flows.ts';

const versions = ['v1.9.0', 'v1.10.0', 'v1.2.30', 'v0.99.99', 'v1.9.9'].map((version) => makePlugin({ version }));
const plugins = [...versions, makePlugin({ name: 'other', version: 'v9.0.0' })];
const find = (plugin: string, version?: string) => findPlugin({ instance: 'it', plugin, version, input: {} }, plugins);

describe('findPlugin', () => {
  test('returns the newest version by number, not by text, in any order of plugins', () => {
    expect(find('probe')).toMatchObject({ plugin: { name: 'probe', version: 'v1.10.0' } });
    expect(findPlugin({ instance: 'it', plugin: 'probe', input: {} }, plugins.toReversed())).toEqual(find('probe'));
  });

  test('returns the requested version', () => {
    expect(find('probe', 'v0.99.99')).toMatchObject({ plugin: { version: 'v0.99.99' } });
  });
});

describe('findPlugin without a match', () => {
  test.each(['v2.0.0', '1.10.0', 'v1.10', 'v1.10.00', 'latest'])('reports the unknown version %s', (version) => {
    expect(find('probe', version)).toEqual({
      field: 'version',
      issue: {
        message: `plugin "probe" has no version "${version}"`,
        hint: 'versions that exist: v1.10.0, v1.9.9, v1.9.0, v1.2.30, v0.99.99',
      },
    });
  });

  test('reports a version that only another plugin has', () => {
    expect(find('probe', 'v9.0.0')).toMatchObject({ field: 'version' });
  });

  test('reports an unknown name with the closest one, or all names', () => {
    expect(find('prob')).toEqual({
      field: 'plugin',
      issue: { message: 'unknown plugin "prob"', hint: 'did you mean "probe"?' },
    });
    expect(find('something-else')).toMatchObject({ issue: { hint: 'plugins: other, probe' } });
    expect(find('Probe')).toMatchObject({ issue: { hint: 'did you mean "probe"?' } });
  });

  test('reports the location of the version or of the name', () => {
    const graph = (step: string) => `pipeline:\n  it: {${step}}\n`;
    expect(faultOf(() => check(graph('plugin: probe, version: v7.0.0'), { plugins })).where).toMatchObject({
      line: 2,
      column: 32,
    });
    expect(faultOf(() => check(graph('name: nothing'), { plugins })).where).toMatchObject({ line: 2, column: 14 });
  });
});

describe('the closest match of a mistyped name', () => {
  test.each<[string, string[], string | undefined]>([
    ['svcEndpiont', ['svcName', 'svcEndpoint', 'deployName'], 'svcEndpoint'],
    ['URL', ['uri', 'url'], 'url'],
    ['abc', ['abcd', 'abc'], 'abc'],
    ['http-chekc', ['http-check', 'http-request'], 'http-check'],
    ['bash', ['deploy-service'], undefined],
    ['completely', ['different'], undefined],
    ['x', [], undefined],
    ['', ['anything'], undefined],
  ])('is found for %j among %j', (name, candidates, meant) => {
    expect(closestMatch(name, candidates)).toBe(meant);
  });

  test('is found in a long list, and a very long name has none', () => {
    const candidates = Array.from({ length: 1000 }, (_, i) => `candidate-number-${i}`);
    expect(closestMatch('candidate-numbr-777', candidates)).toBe('candidate-number-777');
    expect(closestMatch('x'.repeat(1_000_000), candidates)).toBeUndefined();
  });

  test('is the hint; otherwise the hint has at most twenty names', () => {
    expect(hintFor('ulr', ['url', 'port'], 'outputs')).toBe('did you mean "url"?');
    expect(hintFor('something', ['url', 'port'], 'outputs')).toBe('outputs: url, port');
    expect(hintFor('something', [], 'outputs')).toBe('there are no outputs');
    const many = Array.from({ length: 21 }, (_, i) => `n${i}`);
    expect(hintFor('something', many, 'outputs')).toBe(`outputs: ${many.slice(0, 20).join(', ')}, …`);
  });
});
