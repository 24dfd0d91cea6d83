import type { ErrorObject } from 'ajv';
import type { ValuePath } from './reference-syntax.ts';

/** Keywords whose result depends on the values inside the value. */
const composite = ['anyOf', 'oneOf', 'not', 'if', 'const', 'enum', 'contains', 'uniqueItems'];
const dependent = [...composite, 'unevaluatedProperties', 'unevaluatedItems'];

/**
 * Drops the errors that depend on the values at the `unknown` paths. Returns the errors of branches, such as those of an
 * `anyOf`, together with their parent error.
 */
export function dropIndeterminateErrors(
  errors: readonly ErrorObject[],
  unknown: readonly ValuePath[],
): { error: ErrorObject; branches: ErrorObject[] }[] {
  const pointers = unknown.map((path) => path.map((key) => `/${escapeToken(String(key))}`).join(''));
  const isIndeterminate = (error: ErrorObject) =>
    pointers.some(
      (pointer) =>
        isWithin(error.instancePath, pointer) ||
        (dependent.includes(error.keyword) && isWithin(pointer, error.instancePath)),
    );
  const parents = errors.filter(({ keyword }) => hasBranches(keyword));
  return errors
    .filter((error) => !isIndeterminate(error) && !parents.some((parent) => isBranch(error, parent)))
    .map((error) => ({
      error,
      branches: hasBranches(error.keyword) ? errors.filter((branch) => isBranch(branch, error)) : [],
    }));
}

/** Returns true for keywords with errors of branches; the names of a map's members are known even if the values are not. */
function hasBranches(keyword: string): boolean {
  return composite.includes(keyword) || keyword === 'propertyNames';
}

/** Returns true when ajv reports `error` only for a branch of `parent`; behind a `$ref` only the path tells. */
function isBranch(error: ErrorObject, parent: ErrorObject): boolean {
  if (error === parent || !isWithin(error.instancePath, parent.instancePath)) return false;
  const start = parent.schemaPath.replace(/\/if$/, '');
  const roots = parent.keyword === 'if' ? [`${start}/then`, `${start}/else`] : [parent.schemaPath];
  return roots.some((root) => error.schemaPath.startsWith(`${root}/`)) || isBehindReference(error, parent);
}

function isBehindReference(error: ErrorObject, parent: ErrorObject): boolean {
  const place = /^#\/(?:\$defs|definitions)\/[^/]+/;
  const [definition] = place.exec(error.schemaPath) ?? [];
  return definition !== undefined && !parent.schemaPath.startsWith(`${definition}/`);
}

function isWithin(pointer: string, parent: string): boolean {
  return pointer === parent || pointer.startsWith(`${parent}/`);
}

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
