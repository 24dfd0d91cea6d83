const maxTries = 1000;

/**
 * Returns the last JSON object of a text that begins and ends on lines of its own, on one or several lines; undefined when there
 * is none.
 */
export function lastJsonObject(text: string): Record<string, unknown> | undefined {
  const lines = text.split('\n').map((line) => line.trim());
  let triesLeft = maxTries;
  for (let end = lines.length - 1; end >= 0; end--) {
    if (!lines[end]?.endsWith('}')) continue;
    for (let start = end; start >= 0; start--) {
      if (!lines[start]?.startsWith('{')) continue;
      const found = parseObject(lines.slice(start, end + 1).join('\n'));
      if (found) return found;
      if (--triesLeft === 0) return undefined;
    }
  }
  return undefined;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
