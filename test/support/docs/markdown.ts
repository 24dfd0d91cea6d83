import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { lexer, type Token, type Tokens, walkTokens } from 'marked';

/** The repository's folder. */
export const root = join(import.meta.dirname, '../../..');

const foreign = /^(node_modules|coverage|\.brightbird.*|\.git)$/;

export interface MarkdownDocument {
  /** Path from the repository's folder. */
  file: string;
  text: string;
  tokens: Token[];
}

/** Reads the markdown files of the repository that `pattern`, a glob from its folder, selects. */
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

/** Returns the texts of a document's fenced code blocks in one language. */
export function codeBlocks({ tokens }: MarkdownDocument, language: string): string[] {
  return allTokens(tokens)
    .filter((token): token is Tokens.Code => token.type === 'code' && token.lang === language)
    .map(({ text }) => text);
}

/** Returns the targets of a document's links and images as they are written. */
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

/** Returns what a reference page defines: the inline code in its headings and in the first cells of its tables. */
export function definedIn({ tokens }: MarkdownDocument): string[] {
  const cells = allTokens(tokens)
    .filter((token): token is Tokens.Table => token.type === 'table')
    .flatMap(({ rows }) => rows.flatMap(([first]) => first?.tokens ?? []));
  const all = [...cells, ...headings(tokens).flatMap((heading) => heading.tokens)];
  return all.filter((token): token is Tokens.Codespan => token.type === 'codespan').map(({ text }) => text);
}

/** Returns the texts of a document's inline code. */
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
