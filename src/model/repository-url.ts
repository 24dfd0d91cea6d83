import { isAbsolute } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Fault } from './fault.ts';

/** A repository's address that is safe to pass to git: an allowed scheme, no credentials, not an option of git. */
export interface RepositoryUrl {
  url: string;
  scheme: 'https' | 'http' | 'ssh' | 'file';
  /** Host with its port; empty for a file URL. */
  host: string;
}

const allowed = 'https, http and ssh URLs, and user@host:path';
const hostPattern = /^([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|\[[0-9a-f:.]+\])$/i;
const userPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const scpPattern = /^([^@/:]+)@([^@/:]+):[^-:\s]\S*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression finds control characters
const unprintable = /^\s|\s$|[\\\u0000-\u001f\u007f]|%(0[0-9a-f]|1[0-9a-f]|7f)/i;

/**
 * Parses the address of a repository. Throws `repository_refused` unless it is on the allow-list: for other schemes,
 * transport helpers such as `ext::`, credentials in the URL, and files unless `allowFileUrls` is set.
 */
export function parseRepositoryUrl(text: string, options: { allowFileUrls: boolean }): RepositoryUrl {
  if (text === '' || text.length > 2048) throw refused(text, 'it is empty or longer than 2048 characters');
  if (unprintable.test(text))
    throw refused(text, 'it contains a backslash or a control character, or has spaces around it');
  if (text.startsWith('-')) throw refused(text, 'it begins with "-"');
  if (/^[^/]*::/.test(text)) throw refused(text, 'it names a transport helper of git');
  if (isAbsolute(text)) return fileUrl(text, pathToFileURL(text), options);
  const scp = scpPattern.exec(text);
  if (scp) return scpLike(text, scp[1] ?? '', scp[2] ?? '');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  switch (url?.protocol) {
    case 'https:':
    case 'http:':
      if (url.username || url.password) throw refused(text, 'it carries a user name or password', credentialsHint);
      return remoteUrl(text, url, url.protocol === 'https:' ? 'https' : 'http');
    case 'ssh:':
      if (url.password) throw refused(text, 'it carries a password', credentialsHint);
      if (url.username && !userPattern.test(url.username)) throw refused(text, 'its user name cannot be used');
      return remoteUrl(text, url, 'ssh');
    case 'file:':
      return fileUrl(text, url, options);
    default:
      throw refused(text, url ? `the scheme "${url.protocol}" is not allowed` : 'it is not a URL');
  }
}

const credentialsHint = 'Leave them out of the URL and give the token to the server as GIT_TOKEN.';

function remoteUrl(text: string, url: URL, scheme: 'https' | 'http' | 'ssh'): RepositoryUrl {
  if (!hostPattern.test(url.hostname)) throw refused(text, 'its host cannot be used');
  if (url.pathname.length < 2) throw refused(text, 'it has no path of a repository');
  if (url.search || url.hash) throw refused(text, 'it has a query or a fragment');
  return { url: url.href, scheme, host: url.host };
}

function scpLike(text: string, user: string, host: string): RepositoryUrl {
  if (!userPattern.test(user)) throw refused(text, 'its user name cannot be used');
  if (!hostPattern.test(host)) throw refused(text, 'its host cannot be used');
  return { url: text, scheme: 'ssh', host };
}

function fileUrl(text: string, url: URL, options: { allowFileUrls: boolean }): RepositoryUrl {
  if (!options.allowFileUrls) {
    throw refused(text, 'it is on the disk of the server', 'The server allows that when GIT_ALLOW_FILE_URLS is true.');
  }
  if (url.host || url.search || url.hash) throw refused(text, 'a file URL must have only a path: file:///path');
  return { url: pathToFileURL(fileURLToPath(url)).href, scheme: 'file', host: '' };
}

function refused(text: string, reason: string, hint = `BrightBird accepts ${allowed}.`): Fault {
  return new Fault('repository_refused', `the repository ${readable(text)} is refused: ${reason}`, { hint });
}

/** Quotes the refused text on one line, without a possible password. */
function readable(text: string): string {
  return JSON.stringify(text.slice(0, 200).replace(/\/\/[^/]*@/, '//***@'));
}
