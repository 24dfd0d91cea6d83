import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SimpleGit, simpleGit } from 'simple-git';

export interface DemoRepository {
  path: string;
  /** Two good commits, and one with a wrong response of the service. */
  commits: { first: string; second: string; broken: string };
}

/** Creates a git repository of the example component with two good commits, a tag, and a broken branch. */
export async function createDemoRepository(example: string, path: string): Promise<DemoRepository> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true });
  await cp(example, path, { recursive: true });
  const git = simpleGit(path);
  await git.init(['--initial-branch=main']);
  await git.addConfig('user.name', 'BrightBird demo').addConfig('user.email', 'demo@brightbird.invalid');
  const first = await commit(git, 'Add the greeter');
  await git.addTag('v1.0.0');
  await writeFile(join(path, 'CHANGELOG.md'), '# Changelog\n\n- The greeter says hello.\n');
  const second = await commit(git, 'Say what the greeter does');
  await git.checkoutLocalBranch('wrong-greeting');
  const source = join(path, 'server.mjs');
  const text = await readFile(source, 'utf8');
  const broken = text.replace("'hello'", "'helo'");
  if (broken === text) throw new Error(`${source} has no greeting to break`);
  await writeFile(source, broken);
  const brokenCommit = await commit(git, 'Shorten the greeting');
  await git.checkout('main');
  return { path, commits: { first, second, broken: brokenCommit } };
}

async function commit(git: SimpleGit, message: string): Promise<string> {
  await git.add('.').commit(message);
  return git.revparse(['HEAD']);
}
