import { describe, expect, test } from '@jest/globals';
import { imageOrReferenceSchema, isImageReference, volumeNameSchema } from '../../src/model/image-reference.ts';

describe('the name of an image', () => {
  test.each([
    'nginx',
    'nginx:1.27',
    'nginx:Latest',
    'acme/web',
    'acme/web_a/b__c-d--e.f:v1',
    'ghcr.io/acme/web:1',
    'GHCR.IO/acme/web:1',
    'localhost/x',
    'localhost:5000/x',
    'registry:5000/x/y',
    '127.0.0.1:5000/x:1',
    '[::1]:5000/x',
    `nginx@sha256:${'a'.repeat(64)}`,
    `127.0.0.1:5000/x:1@sha256:${'a'.repeat(64)}`,
  ])('accepts the image name %s', (name) => expect(isImageReference(name)).toBe(true));

  test.each([
    '',
    '/nginx',
    'nginx/',
    'http://127.0.0.1:5000/x',
    'https://ghcr.io/acme/web:1',
    '../x',
    '../containers',
    './x',
    'a/../b',
    'a b',
    'Nginx:Latest',
    'Acme/web',
    'nginx:',
    'nginx:a:b',
    'x?y=1',
    'x#y',
    'x%2e%2e',
    'x\n',
    'x\0',
    'x\\y',
    'ä',
    '-x',
    'x-',
    'x..y',
    'x___y',
    'nginx@',
    'nginx@sha256:abc',
    'host:port/x',
    `nginx:${'a'.repeat(129)}`,
    'a'.repeat(600),
    '{{input.image}}',
  ])('rejects the image name %j', (name) => expect(isImageReference(name)).toBe(false));

  test('checks an image name in linear time', () => {
    for (const text of ['a-', 'a.', 'a/', 'aA', 'a:1', '__'])
      expect(isImageReference(`${text.repeat(250)}!`)).toBe(false);
  });

  test('accepts any image name with a reference, which is resolved in the run', () => {
    expect(imageOrReferenceSchema.safeParse('http://{{input.image}}').success).toBe(true);
    expect(imageOrReferenceSchema.safeParse('http://x').success).toBe(false);
  });
});

test.each([
  ['data', true],
  ['data-12ab.x_y', true],
  ['', true],
  ['/data', false],
  ['../data', false],
  ['a b', false],
  ['a?b', false],
  ['a#b', false],
  ['.', false],
])('checks the volume name %j: valid is %p', (name, can) => expect(volumeNameSchema.safeParse(name).success).toBe(can));
