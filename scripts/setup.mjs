/**
 * `node scripts/setup.mjs [--servers]`: prepares a bare machine. Plain JavaScript for Node 20 and newer, as no packages are
 * installed yet. Prints one line with the elapsed time for everything that it downloads or builds.
 */
import { join } from 'node:path';
import { ensureBusybox } from './setup/busybox.mjs';
import { ensureDocker } from './setup/docker.mjs';
import { ensureMongo } from './setup/mongo.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { ensureTemporal } from './setup/temporal.mjs';
import { exists, root } from './setup/tools.mjs';

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(`Node ${process.versions.node} is too old: install Node 20 or newer; npm installs Node 24`);
  process.exit(1);
}

const packages = ensurePackages();
const steps = [packages];
if (process.argv.includes('--servers')) {
  steps.push(ensureTemporal(), ensureMongo(packages), ensureDocker(), ensureBusybox());
}
const failures = (await Promise.allSettled(steps)).filter((result) => result.status === 'rejected');
for (const { reason } of failures) console.error(reason instanceof Error ? reason.message : reason);
if (failures.length > 0) process.exit(1);
if (major < 24 && !(await exists(join(root, 'node_modules', '.bin', 'node')))) {
  console.error(
    `Node ${process.versions.node} is too old: install Node 24, or the development packages, which include it`,
  );
  process.exit(1);
}
process.exit(0);
