/**
 * `node scripts/setup.mjs [--servers]`: makes a bare machine fit. Without packages yet, so plain JavaScript for Node 20 and
 * newer. Says nothing about what is there already; what it has to fetch or build is one line with its time.
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
  console.error(`Node ${process.versions.node} is too old: install Node 20 or newer; Node 24 itself comes from npm`);
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
    `Node ${process.versions.node} is too old: without the development packages, of which one is Node 24, install Node 24`,
  );
  process.exit(1);
}
process.exit(0);
