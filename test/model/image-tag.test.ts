import { describe, expect, test } from '@jest/globals';
import { Fault } from '../../src/model/fault.ts';
import { imageReference } from '../../src/model/image-tag.ts';
import { type BuildRecipe, buildRecipeSchema } from '../../src/model/plugin.ts';

const commit = '0123456789abcdef0123456789abcdef01234567';
const nameOf = (recipe: Partial<BuildRecipe>, registry = ''): string =>
  imageReference({ registry, imageTarget: 'team/greeter', commit, recipe: buildRecipeSchema.parse(recipe) });

describe('the name of an image', () => {
  test('consists of the optional registry, the target and the full sha', () => {
    expect(imageReference({ registry: '', imageTarget: 'greeter', commit })).toBe(`greeter:${commit}`);
    expect(nameOf({})).toBe(`team/greeter:${commit}`);
    expect(nameOf({}, 'registry.invalid:5000')).toBe(`registry.invalid:5000/team/greeter:${commit}`);
    expect(nameOf({}, 'registry.invalid/mirror/')).toBe(`registry.invalid/mirror/team/greeter:${commit}`);
  });

  test('differs for every recipe', () => {
    const names = [
      nameOf({}),
      nameOf({ dockerfile: 'other' }),
      nameOf({ context: 'other' }),
      nameOf({ target: 'other' }),
      nameOf({ args: { other: '' } }),
      nameOf({ args: { a: '1', b: '2' } }),
      nameOf({ secrets: { TOKEN: 'token' } }),
      nameOf({ secrets: { TOKEN: 'other' } }),
      nameOf({ script: 'make' }),
      nameOf({ script: 'make', builder: 'golang:1' }),
      nameOf({ script: 'make', args: { other: '' } }),
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names.slice(1)) expect(name).toMatch(new RegExp(`^team/greeter:${commit}-[0-9a-f]{8}$`));
  });

  test('differs for every base image, and for every proxy of a script', () => {
    const on = (recipe: Partial<BuildRecipe>, site: { baseImage?: string; proxy?: string }) =>
      imageReference({
        registry: '',
        imageTarget: 'greeter',
        commit,
        recipe: buildRecipeSchema.parse(recipe),
        ...site,
      });
    const script = 'docker build --build-arg PROXY=$PROXY -t $IMAGE .';
    const names = [
      on({}, {}),
      on({}, { baseImage: 'a:1' }),
      on({}, { baseImage: 'a:2' }),
      on({ target: 't' }, { baseImage: 'a:1' }),
      on({ script }, {}),
      on({ script }, { proxy: 'http://a' }),
      on({ script }, { proxy: 'http://b' }),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(on({}, { proxy: 'http://a' })).toBe(on({}, {}));
    expect(on({ script: 'make' }, { proxy: 'http://a' })).toBe(on({ script: 'make' }, { proxy: '' }));
  });

  test('differs for every platform except linux/amd64, whose names have no platform', () => {
    const on = (platform: string | undefined, recipe: Partial<BuildRecipe> = {}) =>
      imageReference({
        registry: '',
        imageTarget: 'greeter',
        commit,
        recipe: buildRecipeSchema.parse(recipe),
        platform,
      });
    const names = [on('linux/amd64'), on('linux/arm64'), on('linux/ppc64le'), on('linux/arm64', { script: 'make' })];
    expect(new Set(names).size).toBe(names.length);
    expect(names[0]).toBe(`greeter:${commit}`);
    expect(names[1]).toMatch(new RegExp(`^greeter:${commit}-[0-9a-f]{8}$`));
    expect(on('linux/amd64', { script: 'make' })).toBe(on(undefined, { script: 'make' }));
  });

  test('is equal for equivalent recipes', () => {
    expect(nameOf({ dockerfile: './Dockerfile', context: './' })).toBe(nameOf({}));
    expect(nameOf({ secrets: {} })).toBe(nameOf({}));
    expect(nameOf({ args: { b: '2', a: '1' } })).toBe(nameOf({ args: { a: '1', b: '2' } }));
    expect(nameOf({ context: 'service/' })).toBe(nameOf({ context: './service' }));
  });

  test('is unchanged since before scripts existed for a recipe without a script', () => {
    expect(nameOf({ dockerfile: 'other', target: 't', args: { a: '1' } })).toBe(`team/greeter:${commit}-ccdb3560`);
  });

  test.each(['Greeter', 'team//greeter', '-greeter', 'greeter:latest', '../greeter', '', 'a b'])(
    'rejects the image target %j',
    (imageTarget) => {
      expect(() => imageReference({ registry: '', imageTarget, commit })).toThrow(Fault);
    },
  );
});
