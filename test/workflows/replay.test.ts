import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import proto from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { installRuntime } from '../../src/adapters/temporal/install-runtime.ts';
import { workflowBundle } from '../../src/programs/worker/workflow-bundle.ts';

const { History } = proto.temporal.api.history.v1;
const folder = join(import.meta.dirname, 'histories');

/** Histories of workflows as protobuf JSON, written by releases that users may still run. */
test('every workflow that an earlier release has started continues with this one', async () => {
  installRuntime(pino({ level: 'silent' }));
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const histories = files.map(async (name) => {
    const history = History.fromObject(JSON.parse(await readFile(join(folder, name), 'utf8')));
    const type = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';
    return { workflowId: name.startsWith('job-') ? `job/${name}` : `${type}/${name}`, history };
  });
  const codePath = await workflowBundle(join(tmpdir(), 'brightbird-test-cache'));
  const replayed: string[] = [];
  const refused: object[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle: { codePath }, replayName: 'histories' },
    await Promise.all(histories),
  )) {
    replayed.push(workflowId);
    if (error) refused.push({ workflowId, message: error.message });
  }
  expect(refused).toEqual([]);
  expect(replayed).toHaveLength(files.length);
});
