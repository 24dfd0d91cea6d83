import { rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

// A separate program: bundling takes about 300 MB and 1.5 s, which a worker should not hold for its lifetime.
const target = process.argv[2];
if (!target) throw new Error('usage: make-bundle <file>');
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../../../workflows/index.ts', import.meta.url)),
});
const partial = `${target}.${process.pid}`;
await writeFile(partial, code);
await rename(partial, target);
