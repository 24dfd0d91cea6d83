import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type FaultCode, faultCatalogue } from '../../src/model/fault.ts';
import { faultHelp } from '../../src/model/fault-help.ts';
import { runBrightbird } from '../../src/programs/cli/files/program.ts';
import { definedIn, readDocuments, root } from '../support/docs/markdown.ts';

const pages = await readDocuments('docs/reference/*.md');

/** Returns the file names of the pages that define a name. */
const pagesOf = (name: string): string[] =>
  pages.filter((page) => definedIn(page).includes(name)).map(({ file }) => file.replace('docs/reference/', ''));

describe('docs/reference', () => {
  const codes = Object.entries(faultCatalogue).map(([code, facts]) => ({ code, ...facts }));

  test.each(codes)(
    'only error-codes.md defines the fault $code, with the facts of the catalogue',
    ({ code, ...facts }) => {
      expect(pagesOf(code)).toEqual(['error-codes.md']);
      const { status, outcome, retryable } = facts;
      const text = pages.find(({ file }) => file.endsWith('error-codes.md'))?.text ?? '';
      expect(text).toContain(
        `### \`${code}\`\n\nHTTP ${status} · outcome \`${outcome}\` · ${retryable ? 'retried' : 'not retried'}\n`,
      );
    },
  );

  test('error-codes.md and /docs/errors explain each code with the same text', () => {
    const text = pages.find(({ file }) => file.endsWith('error-codes.md'))?.text ?? '';
    const plain = text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
    const differing = codes.filter(({ code }) => {
      const section = plain.split(`### \`${code}\`\n`)[1]?.split('\n### ')[0] ?? '';
      return !section.includes(`\n${faultHelp[code as FaultCode].meaning} **What to do:** `);
    });
    expect(differing.map(({ code }) => code)).toEqual([]);
  });

  test('error-codes.md defines no unknown code', () => {
    const defined = pages.filter(({ file }) => file.endsWith('error-codes.md')).flatMap(definedIn);
    expect(defined.filter((code) => !Object.hasOwn(faultCatalogue, code))).toEqual([]);
  });

  test('only cli.md defines the commands of brightbird', async () => {
    const help: string[] = [];
    const print = (line: string) => help.push(line);
    await runBrightbird(['--help'], { environment: {}, print, printError: print });
    const listed = /Commands:\n([\s\S]*?)\n\n/.exec(help.join('\n'))?.[1] ?? '';
    const commands = [...listed.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name).filter((name) => name !== 'help');
    expect(commands).toContain('apply');
    const defined = pages.flatMap((page) =>
      definedIn(page).map((text) => ({ file: page.file, name: text.split(' ')[0] })),
    );
    const places = commands.map((command) => defined.filter(({ name }) => name === command).map(({ file }) => file));
    expect(places).toEqual(commands.map(() => ['docs/reference/cli.md']));
  });

  test('only configuration.md defines the settings, and defines no unknown setting', async () => {
    const settings = await settingNames();
    expect(settings).toContain('BRIGHTBIRD_HOME');
    const places = Object.fromEntries(settings.map((name) => [name, pagesOf(name)]));
    expect(places).toEqual(Object.fromEntries(settings.map((name) => [name, ['configuration.md']])));
    const defined = pages.filter(({ file }) => file.endsWith('configuration.md')).flatMap(definedIn);
    expect(defined.filter((name) => !settings.includes(name))).toEqual([]);
  });
});

/** Returns the names of the settings from the source of their schema. */
async function settingNames(): Promise<string[]> {
  for await (const file of glob('src/**/config.ts', { cwd: root })) {
    const source = await readFile(join(root, file), 'utf8');
    const schema = /const settingsSchema = z\n {2}\.object\(\{\n([\s\S]*?)\n {2}\}\)/.exec(source)?.[1];
    if (schema) return [...schema.matchAll(/^ {4}([A-Z_]+):/gm)].map(([, name = '']) => name);
  }
  return [];
}
