import { stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';
import { anchorsOf, codeBlocks, codeSpans, linksOf, readDocuments, root } from '../support/docs/markdown.ts';

const documents = await readDocuments('**/*.md');
const anchors = new Map(documents.map((document) => [document.file, anchorsOf(document)]));

function exists(path: string): Promise<boolean> {
  return stat(join(root, path)).then(
    () => true,
    () => false,
  );
}

test('the repository has documents with links', () => {
  expect(documents.length).toBeGreaterThan(40);
  expect(documents.flatMap(linksOf).length).toBeGreaterThan(100);
});

test.each(documents)('every relative link and anchor in $file resolves', async (document) => {
  const broken: string[] = [];
  for (const link of linksOf(document).filter((href) => !/^[a-z]+:/.test(href))) {
    const [path = '', anchor] = decodeURI(link).split('#');
    const target = path === '' ? document.file : normalize(join(dirname(document.file), path));
    if (!(await exists(target)) || (anchor !== undefined && !anchors.get(target)?.has(anchor))) broken.push(link);
  }
  expect(broken).toEqual([]);
});

const sources = /^(src|workflows|activities|test|scripts|deploy|examples|templates)\/[\w./-]+$/;

test.each(documents.filter(({ file }) => file !== 'CHANGELOG.md'))(
  'every path in code spans of $file exists',
  async (document) => {
    const paths = codeSpans(document).filter((text) => sources.test(text));
    const missing = await Promise.all(paths.map(async (path) => ((await exists(path)) ? [] : [path])));
    expect(missing.flat()).toEqual([]);
  },
);

test('the Chinese getting-started page has the same commands as the English one', async () => {
  const [english] = await readDocuments('docs/getting-started.md');
  const [chinese] = await readDocuments('docs/zh-CN/getting-started.md');
  if (!english || !chinese) throw new Error('a page is missing');
  expect(codeBlocks(chinese, 'sh')).toEqual(codeBlocks(english, 'sh'));
});
