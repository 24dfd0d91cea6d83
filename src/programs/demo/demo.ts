import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ApiClient } from '../cli/api-client.ts';
import { type Config, readConfig } from '../config.ts';
import { prepareCluster } from '../embedded/prepare-cluster.ts';
import { showAddresses } from '../embedded/show-addresses.ts';
import { type System, startAll } from '../embedded/start-all.ts';
import { createLogger } from '../process/logger.ts';
import { main } from '../process/main.ts';
import { Progress } from './progress.ts';
import { prepareDemo, runDemo } from './run-demo.ts';

const examples = fileURLToPath(new URL('../../../examples', import.meta.url));

// `npm run demo [-- --keep] [--runtime kubernetes]`: runs the example job with embedded servers, or with its runners in the
// cluster of the current kubeconfig and images in REGISTRY. Exits with 0 only if every run ends as expected.
await main(async () => {
  const { values } = parseArgs({
    options: { keep: { type: 'boolean', default: false }, runtime: { type: 'string' } },
  });
  const config = readConfig({
    BRIGHTBIRD_HOME: '.brightbird-demo',
    LOG_LEVEL: 'warn',
    ...process.env,
    ...(values.runtime !== undefined && { RUNTIME: values.runtime }),
    // The demo creates the repository of its component on this machine.
    GIT_ALLOW_FILE_URLS: 'true',
  });
  const startedAt = performance.now();
  const system = await startAll(config, createLogger(config), console.log, async () => {
    await prepareDemo({ examples, home: config.BRIGHTBIRD_HOME }, config.PLUGIN_STORE);
    if (config.RUNTIME === 'kubernetes') await prepareDemoCluster(config);
  });
  const run = demonstrate(system, config.BRIGHTBIRD_ADMIN_TOKEN).then((hasPassed) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(`\nthe demo ${hasPassed ? 'passed' : 'FAILED'} in ${seconds} s`);
    if (!hasPassed) process.exitCode = 1;
    if (!values.keep) return;
    showAddresses(system);
    console.log('BrightBird is still running; Ctrl-C stops it');
    return new Promise<void>(() => undefined);
  });
  return { done: Promise.race([system.done, run]), stop: system.stop };
});

async function prepareDemoCluster(config: Config): Promise<void> {
  const { connectKubeconfig } = await import('../../adapters/kubernetes/kubeconfig.ts');
  await prepareCluster(connectKubeconfig(config.KUBECONFIG), config.NAMESPACE, console.log);
}

async function demonstrate(system: System, token: string | undefined): Promise<boolean> {
  const progress = new Progress(process.stdout);
  try {
    return await runDemo(new ApiClient(system.apiUrl, token), system.runtime, progress);
  } finally {
    progress.end();
  }
}
