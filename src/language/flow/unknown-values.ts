import type { ErrorObject } from 'ajv';
import type { ValuePath } from './reference-syntax.ts';

/** Keywords whose verdict on a value depends on the values inside of it. */
const composite = ['anyOf', 'oneOf', 'not', 'if', 'const', 'enum', 'contains', 'uniqueItems'];
const dependent = [...composite, 'unevaluatedProperties', 'unevaluatedItems'];

/**
 * The errors that hold whatever the values at the `unknown` paths turn out to be. The errors of the branches of an `anyOf`
 * and the like are given with it, as its reasons.
 */
export function withoutGuesses(
  errors: readonly ErrorObject[],
  unknown: readonly ValuePath[],
): { error: ErrorObject; branches: ErrorObject[] }[] {
  const pointers = unknown.map((path) => path.map((key) => `/${escapeToken(String(key))}`).join(''));
  const guess = (error: ErrorObject) =>
    pointers.some(
      (pointer) =>
        within(error.instancePath, pointer) ||
        (dependent.includes(error.keyword) && within(pointer, error.instancePath)),
    );
  const parents = errors.filter(({ keyword }) => hasBranches(keyword));
  return errors
    .filter((error) => !guess(error) && !parents.some((parent) => isBranch(error, parent)))
    .map((error) => ({
      error,
      branches: hasBranches(error.keyword) ? errors.filter((branch) => isBranch(branch, error)) : [],
    }));
}

/** The names of a map's members are known, whatever their values turn out to be. */
function hasBranches(keyword: string): boolean {
  return composite.includes(keyword) || keyword === 'propertyNames';
}

/** True when ajv reports `error` only because a branch of `parent` was tried; behind a `$ref` only the place can tell. */
function isBranch(error: ErrorObject, parent: ErrorObject): boolean {
  if (error === parent || !within(error.instancePath, parent.instancePath)) return false;
  const start = parent.schemaPath.replace(/\/if$/, '');
  const roots = parent.keyword === 'if' ? [`${start}/then`, `${start}/else`] : [parent.schemaPath];
  return roots.some((root) => error.schemaPath.startsWith(`${root}/`)) || behindReference(error, parent);
}

function behindReference(error: ErrorObject, parent: ErrorObject): boolean {
  const place = /^#\/(?:\$defs|definitions)\/[^/]+/;
  const [definition] = place.exec(error.schemaPath) ?? [];
  return definition !== undefined && !parent.schemaPath.startsWith(`${definition}/`);
}

function within(pointer: string, parent: string): boolean {
  return pointer === parent || pointer.startsWith(`${parent}/`);
}

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
