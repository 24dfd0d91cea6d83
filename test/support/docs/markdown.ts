import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, type Token, type Tokens, walkTokens } from 'marked';

/** Root folder of the repository. */
export const root = join(import.meta.dirname, '../../..');

const foreign = /^(node_modules|coverage|\.brightbird.*|\.git)$/;

export interface MarkdownDocument {
  /** Path relative to the root folder. */
  file: string;
  text: string;
  tokens: Token[];
}

/** Reads the markdown files that match `pattern`, a glob relative to the root folder. */
export async function readDocuments(pattern: string): Promise<MarkdownDocument[]> {
  const files: string[] = [];
  for await (const file of glob(pattern, { cwd: root, exclude: (name) => foreign.test(name) })) files.push(file);
  return Promise.all(
    files.sort().map(async (file) => {
      const text = await readFile(join(root, file), 'utf8');
      return { file, text, tokens: lexer(text) };
    }),
  );
}

/** Returns the fenced code blocks of a document in a language. */
export function codeBlocks({ tokens }: MarkdownDocument, language: string): string[] {
  return allTokens(tokens)
    .filter((token): token is Tokens.Code => token.type === 'code' && token.lang === language)
    .map(({ text }) => text);
}

/** Returns the unresolved targets of a document's links and images. */
export function linksOf({ tokens }: MarkdownDocument): string[] {
  return allTokens(tokens)
    .filter((token): token is Tokens.Link | Tokens.Image => token.type === 'link' || token.type === 'image')
    .map(({ href }) => href);
}

/** Returns the anchors that GitHub gives to the headings of a document. */
export function anchorsOf({ tokens }: MarkdownDocument): Set<string> {
  const slugger = new GithubSlugger();
  return new Set(headings(tokens).map((heading) => slugger.slug(plain(heading.tokens))));
}

/** Returns the names that a reference page defines: inline code in its headings and in the first cells of its tables. */
export function definedIn({ tokens }: MarkdownDocument): string[] {
  const cells = allTokens(tokens)
    .filter((token): token is Tokens.Table => token.type === 'table')
    .flatMap(({ rows }) => rows.flatMap(([first]) => first?.tokens ?? []));
  const all = [...cells, ...headings(tokens).flatMap((heading) => heading.tokens)];
  return all.filter((token): token is Tokens.Codespan => token.type === 'codespan').map(({ text }) => text);
}

/** Returns the inline code of a document. */
export function codeSpans({ tokens }: MarkdownDocument): string[] {
  return allTokens(tokens)
    .filter((token): token is Tokens.Codespan => token.type === 'codespan')
    .map(({ text }) => text);
}

function headings(tokens: Token[]): Tokens.Heading[] {
  return allTokens(tokens).filter((token): token is Tokens.Heading => token.type === 'heading');
}

function plain(tokens: Token[]): string {
  return tokens
    .map((token) => ('tokens' in token && token.tokens ? plain(token.tokens) : token.raw.replace(/`/g, '')))
    .join('');
}

function allTokens(tokens: Token[]): Token[] {
  const all: Token[] = [];
  walkTokens(tokens, (token) => {
    all.push(token);
  });
  return all;
}
