import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSigner } from '../model/marker-signature.ts';
import { createMask } from '../model/mask.ts';
import { loadWork } from '../model/stored-work.ts';
import { takeMysqlAccess } from './mysql-access.ts';
import { createOutput } from './output.ts';
import { readSecrets } from './read-secrets.ts';
import { runWork } from './run-work.ts';

/** 128 + SIGTERM: the runner was stopped without a verdict. */
const stoppedCode = 143;

async function main(): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  const { values } = parseArgs({ options: { work: { type: 'string', default: '/work/work.json' } } });
  const work = loadWork(await readFile(values.work, 'utf8'));
  // Lines are assigned to steps by their order, which an engine does not keep across two streams; Kubernetes mixes them anyway.
  const isOneStream = work.runtime.kind === 'kubernetes' || work.steps.some(({ needs }) => needs);
  const err = isOneStream ? process.stdout : process.stderr;
  const { hidden, ...access } = takeMysqlAccess(await readSecrets(join(dirname(values.work), 'secrets')));
  const mask = createMask(hidden);
  const output = createOutput({ mark: work.mark, sign: createSigner(), out: process.stdout, err, mask });
  const end = await runWork({ work, file: values.work, output, ...access, mask, stop: stop.signal });
  // All output has been written; open sockets must not keep the runner alive.
  process.exit(end === 'delivered' ? 0 : stoppedCode);
}

// The preload imports this file without running it.
if (import.meta.main) await main();
