import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  sleep,
} from '@temporalio/workflow';
import type { Bisect, BisectInput, BisectVerdict } from '../../src/model/bisect.ts';
import type { FaultReport } from '../../src/model/fault.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { taskWorkflowId } from '../../src/model/queues.ts';
import type { TaskState } from '../../src/model/task-state.ts';
import { bisecting, looks, waiting } from '../activities.ts';
import { faultOf } from '../faults.ts';
import { Bisection } from './bisection.ts';

/** How long until a run is asked for again that the job's overlap policy has refused. */
const askAgain = '30 seconds';

/** The record of a search, and how often it was written. */
type Search = Bisect & { step: number };

/** Finds the first bad commit of a component by running the job's test at commits between, one after the other. */
export async function bisect({ tryGood, ...input }: BisectInput): Promise<Bisect> {
  const search: Search = { ...input, state: 'running', runs: [], step: 0 };
  try {
    await findFirst(search, tryGood);
    search.state = 'success';
  } catch (error) {
    search.state = isCancellation(error) ? 'canceled' : 'error';
    if (!isCancellation(error)) search.error = faultOf(error);
  }
  await CancellationScope.nonCancellable(async () => {
    search.finishedAt = new Date().toISOString();
    await record(search);
  });
  if (search.state === 'canceled') throw new CancelledFailure('the search was stopped');
  if (search.error) throw ApplicationFailure.nonRetryable(search.error.message, search.error.code, search.error);
  const { step: _step, ...end } = search;
  return end;
}

async function findFirst(search: Search, tryGood: boolean): Promise<void> {
  const { repo, goodCommit: good, badCommit: bad } = search;
  await record(search);
  const commits = await looks('the commits between').listCommits({ repo, good, bad });
  search.commits = commits.length;
  await record(search);
  if (tryGood) await checkGood(search);
  const bisection = new Bisection(commits.length);
  for (let index = bisection.next; index !== undefined; index = bisection.next) {
    bisection.tell(index, await test(search, commits[index] ?? ''));
  }
  const suspects = bisection.suspects.map((index) => commits[index] ?? '');
  const [first = '', ...others] = suspects;
  if (others.length > 0) search.suspects = suspects;
  else search.first = await looks('the first bad commit').describeCommit({ repo, commit: first });
}

/** Where the tasks differ in more than the component, the rest may be what made the test fail. */
async function checkGood(search: Search): Promise<void> {
  const { component, goodCommit, bad } = search;
  const verdict = await test(search, goodCommit);
  if (verdict === 'good') return;
  const rest = `${component} at its good commit, with all else as in ${bad},`;
  const report: FaultReport =
    verdict === 'bad'
      ? {
          code: 'step_failed',
          message: `${rest} fails too: the component is not what made the test fail`,
          hint: 'look at what else the tasks differ in: GET /tasks/{id}/lockfile/compare?with=<other>',
        }
      : { code: 'build_failed', message: `${rest} cannot be tested, so nothing can be told of the commits between` };
  throw ApplicationFailure.nonRetryable(report.message, report.code, report);
}

/** Runs the test with the component at a commit and everything else as in the bad task. */
async function test(search: Search, commit: string): Promise<BisectVerdict> {
  const taskId = await startRun(search, commit);
  search.runs = [...search.runs, { commit, taskId }];
  const end = await untilEnded(search, taskId);
  const verdict = verdictOf(end);
  search.runs = search.runs.map((run) => {
    return run.taskId === taskId ? { ...run, verdict, ...(end.outcome && { outcome: end.outcome }) } : run;
  });
  await record(search);
  return verdict;
}

/** Starts a task, once there is room for it by the job's policy. */
async function startRun({ id, jobId, bad, component, by, runs }: Search, commit: string): Promise<string> {
  for (let refusals = 0; ; refusals += 1) {
    try {
      const request = { jobId, lockfileOf: bad, versions: { [component]: commit }, by: `${by}, bisect ${id}` };
      return await bisecting(`run at ${commit.slice(0, 12)}`).startRun({
        ...request,
        key: `bisect/${id}/${runs.length}/${refusals}`,
      });
    } catch (error) {
      if (faultOf(error).code !== 'conflict') throw error;
      await sleep(askAgain, { summary: faultOf(error).message.slice(0, 200) });
    }
  }
}

/** A search that is stopped stops its task too. */
async function untilEnded(search: Search, taskId: string): Promise<{ state: TaskState; outcome?: Outcome }> {
  try {
    await record(search);
    return await waiting(taskId).awaitTask({ taskId });
  } catch (error) {
    if (isCancellation(error)) {
      await CancellationScope.nonCancellable(async () => {
        const task = getExternalWorkflowHandle(taskWorkflowId(taskId));
        await task.cancel().catch(() => undefined); // It has ended meanwhile.
      });
    }
    throw error;
  }
}

function verdictOf({ state, outcome }: { state: TaskState; outcome?: Outcome }): BisectVerdict {
  if (state === 'success') return 'good';
  return outcome === 'test' || outcome === 'timeout' ? 'bad' : 'skip';
}

async function record(search: Search): Promise<void> {
  const rows = search.runs.map(
    ({ commit, taskId, verdict }) => `| ${commit.slice(0, 12)} | ${taskId} | ${verdict ?? ''} |`,
  );
  const head = `**${search.state}**, ${search.commits ?? '?'} commits of ${search.component}`;
  const found = search.first ? `\n\nfirst bad: ${search.first.sha} ${search.first.subject}` : '';
  setCurrentDetails([head + found, ['| commit | task | |', '|---|---|---|', ...rows].join('\n')].join('\n\n'));
  search.step += 1;
  const { step, ...bisect } = search;
  await bisecting(search.state).recordBisect({ bisect, step });
}
