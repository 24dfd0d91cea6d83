import { type SimpleGit, simpleGit } from 'simple-git';
import type { RepositoryUrl } from '../../model/repository-url.ts';

/** Time without any output after which git is killed; its transports time out before that. */
const silenceTimeoutMs = 300_000;

/** Variables that git inherits: programs, proxies, certificates, the SSH agent. None of them configures git. */
const inheritedVariables = [
  ...['PATH', 'TMPDIR', 'SSH_AUTH_SOCK', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'all_proxy', 'no_proxy'],
];

/** Settings on every command line, where no file of a repository can override them. They hold no values from outside. */
const settings = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  // Maintenance in the background would outlive our locks.
  'gc.autoDetach=false',
  'maintenance.autoDetach=false',
  // v1.0.0-rc1 is older than v1.0.0.
  'versionsort.suffix=-',
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=30',
];

export interface GitOptions {
  /** Home folder for git, without a user's configuration; it must exist. */
  home: string;
  /** Path of the bare repository. */
  gitDir: string;
  repository: RepositoryUrl;
  token: string | undefined;
  signal: AbortSignal;
  /** Standard input of git. */
  input?: string | undefined;
  /** Path of the working tree, if there is one. */
  workTree?: string | undefined;
  /** Whether git clones one of our own mirrors from disk and has no repository yet. */
  local?: boolean | undefined;
}

/**
 * Creates a git client that never prompts, runs no hooks, reads no configuration of system or user and uses only the
 * repository's own protocol. A credential helper reads the token from the environment, for the repository's host only.
 */
export function createGit(options: GitOptions): SimpleGit {
  const { home, gitDir, repository, token, signal, input, workTree, local = false } = options;
  const protocol = repository.scheme === 'http' ? 'http:https' : repository.scheme;
  const environment = {
    ...Object.fromEntries(inheritedVariables.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
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
    timeout: { block: silenceTimeoutMs },
    trimmed: true,
    input: () => input,
    config: token === undefined ? settings : [...settings, ...credentials(repository)],
    allowEnvironment: Object.keys(environment).filter((name) => name.startsWith('GIT_')),
    // Each of these only permits a setting from above; arguments from outside are validated refs and URLs.
    unsafe: {
      allowUnsafeConfigPaths: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeHooksPath: true,
      allowUnsafeSshCommand: true,
      allowUnsafeTemplateDir: true,
    },
    // simple-git treats a failure without output, such as a kill, as a success.
    errors: (error, { exitCode }) =>
      error ?? (exitCode === 0 ? undefined : new Error(`git ended with ${exitCode ?? 'a signal'}`)),
  }).env(environment);
}

function credentials({ scheme, host }: RepositoryUrl): string[] {
  const helper = `f() { test "$1" = get && printf 'username=x-access-token\\npassword=%s\\n' "$BRIGHTBIRD_GIT_TOKEN"; }; f`;
  return ['credential.helper=', `credential.${scheme}://${host}.helper=!${helper}`];
}
