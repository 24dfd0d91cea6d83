import { GitPluginError } from 'simple-git';
import { Fault } from '../../model/fault.ts';

/** Class of a git failure; `unknown` may be a problem of the remote or a broken mirror. */
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

export function classifyFailure(error: unknown): FailureKind {
  if (error instanceof GitPluginError) return error.plugin === 'timeout' ? 'unreachable' : 'refused';
  const text = error instanceof Error ? error.message : String(error);
  return kinds.find(([, pattern]) => pattern.test(text))?.[0] ?? 'unknown';
}

/** Converts a failure to reach or read the repository at `url` to a fault that is safe to show to users. */
export function repositoryFault(url: string, error: unknown): Fault {
  const reason = reasonOf(error);
  switch (classifyFailure(error)) {
    case 'absent':
      return new Fault(
        'repository_not_found',
        `the repository ${url} does not exist or cannot be accessed: ${reason}`,
        {
          hint: 'Check its URL; a private repository needs GIT_TOKEN (https) or an SSH key on the server (ssh).',
        },
      );
    case 'refused':
      return new Fault('repository_refused', `git refuses the repository ${url}: ${reason}`, {
        hint: 'Add the SSH host key or the certificate of its host to the server.',
      });
    default:
      return new Fault('repository_unavailable', `the repository ${url} is temporarily unavailable: ${reason}`);
  }
}

/** Returns git's error output in a few lines, without progress and possible credentials. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  const messages = lines.filter((line) => /^(fatal|error|remote|ssh|host|git)\b/i.test(line) && !/\d+% \(/.test(line));
  const reason = (messages.length > 0 ? messages : lines.filter(Boolean)).slice(-4).join('; ');
  return reason.replace(/\/\/[^/\s]*@/g, '//***@').slice(0, 600);
}
