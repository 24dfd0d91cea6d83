import { type SimpleGit, simpleGit } from 'simple-git';
import type { RepositoryUrl } from '../../model/repository-url.ts';

/** Milliseconds without any output after which git is killed; its transports give up by themselves before that. */
const silenceLimit = 300_000;

/** What git needs of our own environment: programs, proxies, certificates, the SSH agent. Nothing that configures git. */
const passedOn = [
  ...['PATH', 'TMPDIR', 'SSH_AUTH_SOCK', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
];

/** On every command line, where nothing that a repository brings can override it. No values from outside. */
const settings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  // Housekeeping in the background would outlive our locks.
  'gc.autoDetach=false',
  'maintenance.autoDetach=false',
  // v1.0.0-rc1 is older than v1.0.0.
  'versionsort.suffix=-',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=30',
];

export interface GitOptions {
  /** Home of git, so that it finds no configuration of a user; it must exist. */
  home: string;
  /** The bare repository to work on. */
  gitDir: string;
  repository: RepositoryUrl;
  token: string | undefined;
  signal: AbortSignal;
  /** What git reads on its standard input. */
  input?: string | undefined;
  /** The working tree; without it there is none. */
  workTree?: string | undefined;
  /** For a clone of one of our own mirrors: from the disk, and of no repository yet. */
  local?: boolean | undefined;
}

/**
 * A git that asks nobody, runs no hooks, reads no configuration of system or user and speaks only the repository's own
 * protocol. The token reaches it by a credential helper that reads the environment, for the repository's host alone.
 */
export function safeGit(options: GitOptions): SimpleGit {
  const { home, gitDir, repository, token, signal, input, workTree, local = false } = options;
  const protocol = repository.scheme === 'http' ? 'http:https' : repository.scheme;
  const environment = {
    ...Object.fromEntries(passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    HOME: home,
    LC_ALL: 'C',
    ...(!local && { GIT_DIR: gitDir }),
    ...(workTree !== undefined && { GIT_WORK_TREE: workTree }),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: local ? 'file' : protocol,
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=15 -oServerAliveInterval=15',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_LITERAL_PATHSPECS: '1',
    ...(token !== undefined && { BRIGHTBIRD_GIT_TOKEN: token }),
  };
  return simpleGit({
    baseDir: home,
    abort: signal,
    timeout: { block: silenceLimit },
    trimmed: true,
    input: () => input,
    config: token === undefined ? settings : [...settings, ...credentials(repository)],
    allowEnvironment: Object.keys(environment).filter((name) => name.startsWith('GIT_')),
    // Each of these only permits what is set above; arguments from outside are refs and URLs that were checked.
    unsafe: {
      allowUnsafeConfigPaths: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeHooksPath: true,
      allowUnsafeSshCommand: true,
      allowUnsafeTemplateDir: true,
    },
    // simple-git takes a failure that says nothing, such as a kill, for a success.
    errors: (error, { exitCode }) =>
      error ?? (exitCode === 0 ? undefined : new Error(`git ended with ${exitCode ?? 'a signal'}`)),
  }).env(environment);
}

function credentials({ scheme, host }: RepositoryUrl): string[] {
  const helper = `f() { test "$1" = get && printf 'username=x-access-token\\npassword=%s\\n' "$BRIGHTBIRD_GIT_TOKEN"; }; f`;
  return ['credential.helper=', `credential.${scheme}://${host}.helper=!${helper}`];
}
