import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { ApiClient } from '../../src/programs/cli/api-client.ts';
import { addTestedRepository } from '../support/e2e/component.ts';
import { removeImages } from '../support/e2e/engine.ts';
import { deliverMerge } from '../support/e2e/hooks.ts';
import { settled, startProgram, until } from '../support/e2e/system.ts';
import { connectTemporal } from '../support/jest/connect-temporal.ts';

const secret = 'the secret of this test';
const graph = 'name: again\npipeline:\n  nothing:\n    plugin: nothing\n';

test('after a kill and restart of everything, the next cron run, the accepted webhook and the schedules continue', async () => {
  const home = await mkdtemp(join(tmpdir(), 'brightbird-again-'));
  const env = {
    BRIGHTBIRD_HOME: home,
    GITHUB_WEBHOOK_SECRET: secret,
    PORT: '0',
    GIT_ALLOW_FILE_URLS: 'true',
    ...(process.env.XDG_CACHE_HOME && { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME }),
  };
  const image = await addTestedRepository(home, 'acme/greeter');
  const start = async () => {
    const program = await startProgram('start', env, /BrightBird is ready/);
    const found = (pattern: RegExp) => program.output.map((line) => pattern.exec(line)?.[1]).find(Boolean) ?? '';
    const url = found(/API +(http\S+)/);
    return { program, url, api: new ApiClient(url, undefined), temporal: found(/temporal --address (\S+)/) };
  };
  let now = await start();
  try {
    const flow = await now.api.post<{ id: string }>('/testflows', { name: 'again', graph });
    const job = (more: object) => now.api.post<{ id: string }>('/jobs', { testFlowId: flow.id, ...more });
    const cron = { jobType: 'cron_job', cronExpression: '* * * * *' };
    const everyMinute = await job({ name: 'every minute', ...cron });
    const withoutSchedule = await job({ name: 'without schedule', jobType: 'cron_job', cronExpression: '0 3 1 1 *' });
    const merged = await job({
      ...{ name: 'merged', jobType: 'pr_merged_hook' },
      prMergedEventMatches: [{ repo: 'acme/greeter', basePattern: 'main', sourcePattern: '.' }],
    });
    const connection = await connectTemporal(now.temporal);
    const { schedule } = new Client({ connection });
    await schedule.getHandle(`cron/${withoutSchedule.id}`).delete();
    const stray = {
      type: 'startWorkflow',
      workflowType: 'fire',
      taskQueue: 'brightbird',
      args: [{ jobId: 'unknown' }],
    };
    await schedule.create({
      scheduleId: 'cron/unknown',
      spec: { cronExpressions: ['0 3 1 1 *'] },
      action: stray as never,
    });
    await connection.close();
    expect(await deliverMerge(now.url, secret, { id: 'taken', number: 1, repo: 'acme/greeter', sha: null })).toBe(202);
    await now.program.kill('SIGKILL');

    now = await start();
    const started = new Date();
    const { api } = now;
    expect(await settled(api, `${merged.id}-1`)).toMatchObject({
      state: 'success',
      trigger: { deliveries: ['taken'] },
    });
    const events = async (id: string) =>
      (await api.get<{ trigger: string; events: { message: string }[] }>(`/jobs/${id}`)).events.map(
        (one) => one.message,
      );
    await until(async () => (await events(withoutSchedule.id)).includes('its schedule was missing and was re-created'));
    expect(await api.get(`/jobs/${withoutSchedule.id}`)).toMatchObject({ trigger: 'schedule' });
    const again = await connectTemporal(now.temporal);
    await until(async () => {
      const found: string[] = [];
      for await (const { scheduleId } of new Client({ connection: again }).schedule.list()) found.push(scheduleId);
      return found.length > 0 && !found.includes('cron/unknown');
    });
    await again.close();
    const next = await until(async () => {
      const tasks = await api.get<{ items: { id: string; times: { requestedAt: string } }[] }>(
        `/tasks?jobId=${everyMinute.id}&since=${started.toISOString()}`,
      );
      return tasks.items[0];
    });
    expect(await settled(api, next.id)).toMatchObject({ state: 'success', trigger: { type: 'schedule' } });
    expect((await api.get<{ items: unknown[] }>(`/tasks?jobId=${merged.id}`)).items).toHaveLength(1);
  } finally {
    await now.program.kill('SIGTERM');
    await removeImages(image);
    await rm(home, { recursive: true, force: true });
  }
});
