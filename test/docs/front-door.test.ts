import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readDocuments, root } from '../support/docs/markdown.ts';

test('package.json, its lockfile and .nvmrc require the Node version of the packages', async () => {
  const { engines, devDependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const [major] = devDependencies.node.split('.');
  expect(engines.node).toBe(`>=${major}`);
  expect(lock.packages[''].engines.node).toBe(engines.node);
  expect((await readFile(join(root, '.nvmrc'), 'utf8')).trim()).toBe(major);
});

test('the newest version in the changelog equals the version in package.json and has release notes', async () => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const [changelog] = await readDocuments('CHANGELOG.md');
  expect(/^## \[(\d[^\]]*)\]/m.exec(changelog?.text ?? '')?.[1]).toBe(version);
  expect(await readDocuments(`docs/releases/${version}.md`)).toHaveLength(1);
});
