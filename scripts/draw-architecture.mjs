/**
 * Draws the rooms of the sources and what imports what into ARCHITECTURE.md, out of dependency-cruiser's graph. With `--check` it
 * changes nothing, and exits with 1 when the drawing is not what the sources are.
 */
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './setup/tools.mjs';

const page = join(root, 'ARCHITECTURE.md');
const [begin, end] = ['<!-- drawn by scripts/draw-architecture.mjs -->', '<!-- end of the drawing -->'];

/** The room of a module: a folder of src, or one beside it. */
const roomOf = (path) => /^(src\/[^/]+|activities|workflows)\//.exec(path)?.[1];

/** Arrows by their text; one that any module follows for more than types is solid. */
function arrowsOf({ modules }) {
  const arrows = new Map();
  for (const { source, dependencies } of modules) {
    for (const { resolved, dependencyTypes } of dependencies) {
      const [from, to] = [roomOf(source), roomOf(resolved)];
      if (!from || !to || from === to) continue;
      const key = `${from} ${to}`;
      arrows.set(key, arrows.get(key) || !dependencyTypes.includes('type-only'));
    }
  }
  return [...arrows].sort(([one], [other]) => (one < other ? -1 : 1));
}

function draw(graph) {
  const rooms = [...new Set(graph.modules.map(({ source }) => roomOf(source)).filter(Boolean))].sort();
  const id = (room) => room.replace('src/', '');
  const lines = arrowsOf(graph).map(([key, isSolid]) => {
    const [from, to] = key.split(' ').map(id);
    return `  ${from} ${isSolid ? '-->' : '-.->'} ${to}`;
  });
  return ['```mermaid', 'flowchart TD', ...rooms.map((room) => `  ${id(room)}["${room}"]`), ...lines, '```'].join('\n');
}

const cruiser = join(root, 'node_modules', '.bin', 'depcruise');
const { stdout } = await promisify(execFile)(
  cruiser,
  ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'src', 'workflows', 'activities'],
  { cwd: root, maxBuffer: 1 << 28 },
).catch((failure) => (failure.stdout ? failure : Promise.reject(failure))); // Violations are told by the check of layers.
const text = await readFile(page, 'utf8');
const [before, rest = ''] = text.split(begin);
const [, after] = rest.split(end);
if (after === undefined) throw new Error(`${page} has no place between ${begin} and ${end}`);
const drawn = `${before}${begin}\n\n${draw(JSON.parse(stdout))}\n\n${end}${after}`;
if (drawn === text) process.exit();
if (process.argv.includes('--check')) {
  console.error('the drawing of ARCHITECTURE.md is not what the sources are: npm run draw');
  process.exit(1);
}
await writeFile(page, drawn);
