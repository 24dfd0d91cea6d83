import { GitPluginError } from 'simple-git';
import { Fault } from '../../model/fault.ts';

/** What a failure of git means to us; `unknown` may be the remote's trouble or a broken mirror. */
export type FailureKind = 'absent' | 'refused' | 'unreachable' | 'no_head' | 'no_commit' | 'locked' | 'unknown';

const kinds: readonly [FailureKind, RegExp][] = [
  ['no_head', /couldn't find remote ref HEAD/],
  ['no_commit', /not our ref|unadvertised object|couldn't find remote ref|not a valid object name/i],
  ['locked', /\.lock': File exists|cannot lock ref/],
  ['refused', /Host key verification failed|certificate|dubious ownership|transport '.*' not allowed/i],
  [
    'unreachable',
    /could not resolve|failed to connect|couldn't connect|connection (refused|reset|closed|timed out)|timed out|unreachable|no route to host|early EOF|unexpected disconnect|RPC failed|returned error: (429|5\d\d)|operation too slow|no space left|quota exceeded|spawn \S+ E[A-Z]+/i,
  ],
  [
    'absent',
    /repository .*not found|not appear to be a git repository|does not exist|could not read (Username|Password)|authentication failed|permission denied|returned error: 40[0134]|info\/refs not valid|could not read from remote/i,
  ],
];

export function kindOf(error: unknown): FailureKind {
  if (error instanceof GitPluginError) return error.plugin === 'timeout' ? 'unreachable' : 'refused';
  const text = error instanceof Error ? error.message : String(error);
  return kinds.find(([, pattern]) => pattern.test(text))?.[0] ?? 'unknown';
}

/** A failure to reach or to read the repository at `url`, as what a user may be told of it. */
export function repositoryFault(url: string, error: unknown): Fault {
  const said = saidBy(error);
  switch (kindOf(error)) {
    case 'absent':
      return new Fault('repository_not_found', `the repository ${url} does not exist, or may not be read: ${said}`, {
        hint: 'Check its URL; a private repository needs GIT_TOKEN (https) or a key of the server (ssh).',
      });
    case 'refused':
      return new Fault('repository_refused', `the repository ${url} is refused: ${said}`, {
        hint: 'The server has to know the key or the certificate of its host.',
      });
    default:
      return new Fault('repository_unavailable', `the repository ${url} cannot be read now: ${said}`);
  }
}

/** What git said, in a few lines, without progress and without anything that could be a credential. */
function saidBy(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  const telling = lines.filter((line) => /^(fatal|error|remote|ssh|host|git)\b/i.test(line) && !/\d+% \(/.test(line));
  const said = (telling.length > 0 ? telling : lines.filter(Boolean)).slice(-4).join('; ');
  return said.replace(/\/\/[^/\s]*@/g, '//***@').slice(0, 600);
}
