/**
 * Returns the full name of a repository in lower case: `owner/name` from any form of its address, with all nested groups; for
 * a local path, its last two folders. Two addresses with equal names are the same repository.
 */
export function repositoryName(address: string): string {
  const text = address
    .trim()
    .toLowerCase()
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  const url = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)\/+(.*)$/.exec(text);
  if (url) return url[1] === 'file' ? lastTwo(url[3] ?? '') : (url[3] ?? '');
  const scp = /^[^@/:]+@[^/:]+:\/*(.*)$/.exec(text);
  if (scp) return scp[1] ?? '';
  return text.startsWith('/') ? lastTwo(text) : text;
}

function lastTwo(path: string): string {
  return path.split('/').filter(Boolean).slice(-2).join('/');
}
