import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A real repository of a test, changed with the git command, with which results are also compared. */
export interface TestRepository {
  path: string;
  url: string;
  git(...args: string[]): string;
  commit(message: string, files?: Record<string, string>): Promise<string>;
}

const identity = ['-c', 'user.name=test', '-c', 'user.email=test@brightbird.invalid', '-c', 'gc.auto=0'];

export async function createRepository(path: string, branch = 'main'): Promise<TestRepository> {
  await mkdir(path, { recursive: true });
  const env = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
  const git = (...args: string[]): string =>
    execFileSync('git', [...identity, ...args], { cwd: path, env, encoding: 'utf8', stdio: 'pipe' }).trim();
  git('init', '--quiet', `--initial-branch=${branch}`);
  return {
    path,
    url: `file://${path}`,
    git,
    async commit(message, files = { 'README.md': message }) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(path, name)), { recursive: true });
        await writeFile(join(path, name), text);
      }
      git('add', '--all', '--force');
      git('commit', '--quiet', '--allow-empty', '-m', message);
      return git('rev-parse', 'HEAD');
    },
  };
}
