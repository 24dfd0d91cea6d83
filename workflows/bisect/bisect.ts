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
import { bisectActivities, lookupActivities, waitActivities } from '../activities.ts';
import { faultOf } from '../faults.ts';
import { Bisection } from './bisection.ts';

/** Delay before a run is requested again that the job's overlap policy has refused. */
const retryDelay = '30 seconds';

/** The record of a search, with the number of its writes. */
type Search = Bisect & { step: number };

/**
 * Finds the first bad commit of a component: runs the job's test at commits between good and bad, one after the other.
 */
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
  if (search.state === 'canceled') throw new CancelledFailure('the bisect was stopped');
  if (search.error) throw ApplicationFailure.nonRetryable(search.error.message, search.error.code, search.error);
  const { step: _step, ...end } = search;
  return end;
}

async function findFirst(search: Search, tryGood: boolean): Promise<void> {
  const { repo, goodCommit: good, badCommit: bad } = search;
  await record(search);
  const commits = await lookupActivities('list commits').listCommits({ repo, good, bad });
  search.commits = commits.length;
  await record(search);
  if (tryGood) await checkGood(search);
  const bisection = new Bisection(commits.length);
  for (let index = bisection.next; index !== undefined; index = bisection.next) {
    bisection.recordVerdict(index, await testCommit(search, commits[index] ?? ''));
  }
  const suspects = bisection.suspects.map((index) => commits[index] ?? '');
  const [first = '', ...others] = suspects;
  if (others.length > 0) search.suspects = suspects;
  else search.first = await lookupActivities('describe first bad commit').describeCommit({ repo, commit: first });
}

/** Checks that the test succeeds at the good commit, as the tasks may differ in more than the component. */
async function checkGood(search: Search): Promise<void> {
  const { component, goodCommit, bad } = search;
  const verdict = await testCommit(search, goodCommit);
  if (verdict === 'good') return;
  const setup = `${component} at its good commit, with everything else as in ${bad},`;
  const report: FaultReport =
    verdict === 'bad'
      ? {
          code: 'step_failed',
          message: `${setup} fails too: the failure has another cause than the component`,
          hint: 'compare the two tasks: GET /tasks/{id}/lockfile/compare?with=<other>',
        }
      : { code: 'build_failed', message: `${setup} cannot be tested, so the bisect has no good commit` };
  throw ApplicationFailure.nonRetryable(report.message, report.code, report);
}

/** Runs the test with the component at a commit and everything else as in the bad task. */
async function testCommit(search: Search, commit: string): Promise<BisectVerdict> {
  const taskId = await startRun(search, commit);
  search.runs = [...search.runs, { commit, taskId }];
  const end = await awaitEnd(search, taskId);
  const verdict = verdictOf(end);
  search.runs = search.runs.map((run) => {
    return run.taskId === taskId ? { ...run, verdict, outcome: end.outcome } : run;
  });
  await record(search);
  return verdict;
}

/** Starts a task, once the job's overlap policy allows it. */
async function startRun({ id, jobId, bad, component, by, runs }: Search, commit: string): Promise<string> {
  for (let refusals = 0; ; refusals += 1) {
    try {
      const request = { jobId, lockfileOf: bad, versions: { [component]: commit }, by: `${by}, bisect ${id}` };
      return await bisectActivities(`run at ${commit.slice(0, 12)}`).startRun({
        ...request,
        key: `bisect/${id}/${runs.length}/${refusals}`,
      });
    } catch (error) {
      if (faultOf(error).code !== 'conflict') throw error;
      await sleep(retryDelay, { summary: faultOf(error).message.slice(0, 200) });
    }
  }
}

/** Waits for the end of a task, and stops the task when the search is stopped. */
async function awaitEnd(search: Search, taskId: string): Promise<{ state: TaskState; outcome?: Outcome }> {
  try {
    await record(search);
    return await waitActivities(taskId).awaitTask({ taskId });
  } catch (error) {
    if (isCancellation(error)) {
      await CancellationScope.nonCancellable(async () => {
        const task = getExternalWorkflowHandle(taskWorkflowId(taskId));
        await task.cancel().catch(() => undefined); // The task has ended meanwhile.
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
  await bisectActivities(search.state).recordBisect({ bisect, step });
}
