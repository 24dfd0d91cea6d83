import { expect, test } from '@jest/globals';
import { isGone } from '../../../src/adapters/docker/engine-errors.ts';

test.each([
  [404, 'No such container: 78b6fd981604', true],
  [409, 'can not get logs from container which is dead or marked for removal', true],
  [409, 'container is marked for removal and cannot be started', true],
  [409, 'removal of container 78b6fd981604 is already in progress', false],
  [500, 'marked for removal', false],
])('reports whether the container is gone for the answer %i "%s": %s', (statusCode, message, gone) => {
  expect(isGone(Object.assign(new Error(message), { statusCode, json: { message } }))).toBe(gone);
});
