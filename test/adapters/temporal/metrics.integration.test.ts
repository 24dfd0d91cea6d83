import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { installRuntime } from '../../../src/adapters/temporal/install-runtime.ts';
import { until } from '../../support/e2e/system.ts';
import { createHarness } from '../../support/workflows/harness.ts';

const log = pino({ level: 'silent' });

async function freeAddress() {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { address, server };
}

test('METRICS_ADDRESS serves the metrics of the SDK, and an address in use fails with its name', async () => {
  const { address, server } = await freeAddress();
  expect(() => installRuntime(log, address)).toThrow(
    expect.objectContaining({
      code: 'invalid_request',
      message: expect.stringContaining(`cannot use METRICS_ADDRESS=${address}`),
    }),
  );
  await new Promise((resolve) => server.close(resolve));
  installRuntime(log, address);
  const harness = await createHarness({ installed: true });
  try {
    await harness.client.workflow.execute('janitor', { workflowId: 'metered', taskQueue: 'brightbird' });
    // The SDK counts the end of a workflow a moment after its client has the result.
    const text = await until(async () => {
      const shown = await (await fetch(`http://${address}/metrics`)).text();
      return /^temporal_workflow_completed_total\{[^}]*workflow_type="janitor"[^}]*\} 1$/m.test(shown) && shown;
    });
    expect(text).toMatch(/^# TYPE temporal_activity_execution_latency_seconds histogram$/m);
  } finally {
    await harness.close();
  }
});
