import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import Long from 'long';
import { readBacklogs } from '../../../src/adapters/temporal/backlogs.ts';
import { connectTemporal } from '../../support/jest/connect-temporal.ts';
import { until } from '../../support/workflows/until.ts';

let client: Client;
beforeAll(async () => {
  const connection = await connectTemporal();
  const namespace = `backlogs-${randomBytes(4).toString('hex')}`;
  const workflowExecutionRetentionPeriod = { seconds: Long.fromNumber(24 * 3600) };
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  client = new Client({ connection, namespace });
});
afterAll(() => client.connection.close());

test('counts workflows without a worker in the backlog of their queue', async () => {
  const ids = ['one', 'two', 'three'];
  // A new namespace reaches all parts of the server with a delay.
  await until(() =>
    readBacklogs(client, 3000).then(
      () => true,
      () => false,
    ),
  );
  for (const workflowId of ids) await client.workflow.start('job', { workflowId, taskQueue: 'brightbird' });
  const waiting = async () => (await readBacklogs(client, 3000)).find(({ type }) => type === 'workflow')?.count;
  await until(async () => (await waiting()) === ids.length);
  const others = (await readBacklogs(client, 3000)).filter(({ type }) => type === 'activity');
  expect(others.map(({ queue, count }) => `${queue} ${count}`)).toEqual([
    'brightbird 0',
    'brightbird-build 0',
    'brightbird-runner 0',
    'brightbird-cleanup 0',
    'brightbird-look 0',
  ]);
  for (const workflowId of ids) await client.workflow.getHandle(workflowId).terminate();
});
