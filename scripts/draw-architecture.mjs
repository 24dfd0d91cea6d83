/**
 * Draws the folders of the sources and their imports into ARCHITECTURE.md, from dependency-cruiser's graph. With `--check`,
 * changes nothing, and exits with 1 for imports against the rules of .dependency-cruiser.mjs or an outdated drawing.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './setup/tools.mjs';

const page = join(root, 'ARCHITECTURE.md');
const [begin, end] = ['<!-- drawn by scripts/draw-architecture.mjs -->', '<!-- end of the drawing -->'];

/** Returns the folder of a module: in src, or beside it. */
const folderOf = (path) => /^(src\/[^/]+|activities|workflows)\//.exec(path)?.[1];

/** Returns the imports between folders; an arrow is solid unless all imports are of types. */
function arrowsOf({ modules }) {
  const arrows = new Map();
  for (const { source, dependencies } of modules) {
    for (const { resolved, dependencyTypes } of dependencies) {
      const [from, to] = [folderOf(source), folderOf(resolved)];
      if (!from || !to || from === to) continue;
      const key = `${from} ${to}`;
      arrows.set(key, arrows.get(key) || !dependencyTypes.includes('type-only'));
    }
  }
  return [...arrows].sort(([one], [other]) => (one < other ? -1 : 1));
}

function draw(graph) {
  const folders = [...new Set(graph.modules.map(({ source }) => folderOf(source)).filter(Boolean))].sort();
  const id = (folder) => folder.replace('src/', '');
  const lines = arrowsOf(graph).map(([key, isSolid]) => {
    const [from, to] = key.split(' ').map(id);
    return `  ${from} ${isSolid ? '-->' : '-.->'} ${to}`;
  });
  return [
    '```mermaid',
    'flowchart TD',
    ...folders.map((folder) => `  ${id(folder)}["${folder}"]`),
    ...lines,
    '```',
  ].join('\n');
}

/** Prints the imports that break a rule, each with what to do, and exits with 1 if there are any. */
function reportViolations({ violations, ruleSetUsed }) {
  const comments = new Map(ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment]));
  for (const { from, to, rule } of violations) {
    console.error(`${from} imports ${to} (${rule.name}): ${comments.get(rule.name) ?? ''}`);
  }
  if (violations.length > 0) process.exit(1);
}

const cruiser = join(root, 'node_modules', '.bin', 'depcruise');
const { stdout } = await promisify(execFile)(
  cruiser,
  ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'src', 'workflows', 'activities'],
  { cwd: root, maxBuffer: 1 << 28 },
).catch((failure) => (failure.stdout ? failure : Promise.reject(failure))); // It exits with the number of violations.
const graph = JSON.parse(stdout);
const text = await readFile(page, 'utf8');
const [before, rest = ''] = text.split(begin);
const [, after] = rest.split(end);
if (after === undefined) throw new Error(`${page} lacks the markers ${begin} and ${end}`);
const drawn = `${before}${begin}\n\n${draw(graph)}\n\n${end}${after}`;
const isCheck = process.argv.includes('--check');
if (isCheck) reportViolations(graph.summary);
if (drawn === text) process.exit();
if (isCheck) {
  console.error('the drawing in ARCHITECTURE.md is out of date: run npm run draw');
  process.exit(1);
}
await writeFile(page, drawn);
