/** Returns copies of a JSON object, each with one field at any depth removed or set to null. */
export function* withoutEachField(value: object): Generator<{ path: string; changed: Record<string, unknown> }> {
  for (const path of paths(value)) {
    for (const absent of [undefined, null]) {
      yield { path: `${path.join('.')}: ${absent}`, changed: copy(value as Record<string, unknown>, path, absent) };
    }
  }
}

/** Copies only the objects on the path to the field. */
function copy(value: Record<string, unknown>, [key = '', ...rest]: string[], absent: undefined | null) {
  const changed: Record<string, unknown> = { ...value };
  if (rest.length > 0) changed[key] = copy(value[key] as Record<string, unknown>, rest, absent);
  else if (absent === null) changed[key] = null;
  else delete changed[key];
  return changed;
}

function paths(value: object, before: readonly string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...before, key];
    return [path, ...(typeof inner === 'object' && inner !== null ? paths(inner, path) : [])];
  });
}
