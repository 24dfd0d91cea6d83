/**
 * `node scripts/setup.mjs [--servers]`: makes a bare machine fit. Without packages yet, so plain JavaScript for Node 20 and
 * newer. Says nothing about what is there already; what it has to fetch or build is one line with its time.
 */
import { ensureBusybox } from './setup/busybox.mjs';
import { ensureDocker } from './setup/docker.mjs';
import { ensureMongo } from './setup/mongo.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { ensureTemporal } from './setup/temporal.mjs';

if (Number(process.versions.node.split('.')[0]) < 20) {
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
process.exit(failures.length > 0 ? 1 : 0);
