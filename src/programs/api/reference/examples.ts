const jobId = '01k2x7c9v3';
const taskId = `${jobId}-42`;
const commit = '8f3c1d2a9b7e4f605c8d1e2f3a4b5c6d7e8f9a0b';
const time = '2026-11-30T02:00:00.000Z';

const job = {
  name: 'nightly',
  testFlowId: '01k2x7b1q8',
  jobType: 'cron_job',
  cronExpression: '0 2 * * *',
  timezone: 'Asia/Shanghai',
  versions: { 'greeter-deploy': 'main', 'caller-deploy': '' },
  globalProperties: { users: 5 },
  policy: { timeoutSeconds: 3600, overlap: 'skip', coalesce: false, holdOnFailure: '30m' },
  description: 'All components from their main branches.',
};

const flow = {
  name: 'greeting',
  graph:
    'name: greeting\npipeline:\n  greeter:\n    plugin: greeter-deploy\n  check:\n    plugin: http-check\n    input: {url: "{{greeter.svcEndpoint}}/hello", expect: {status: 200}}\n',
  globalProperties: {},
  description: 'The greeter answers.',
};

const task = {
  id: taskId,
  name: 'nightly-42',
  number: 42,
  jobId,
  testFlowId: job.testFlowId,
  flowRevision: 3,
  testId: '5f3a9c01',
  state: 'error',
  outcome: 'test',
  error: {
    code: 'step_failed',
    message: 'step check: expected status 200, got 503',
    where: { step: 'check' },
    hint: 'read the log of the step',
  },
  attempt: 1,
  trigger: { type: 'schedule', nominalAt: time },
  versions: job.versions,
  commits: { 'greeter-deploy': commit },
  components: [
    {
      plugin: 'greeter-deploy',
      repo: 'https://github.com/team/greeter',
      version: 'main',
      commit,
      image: 'registry.example.net/team/greeter:8f3c1d2a9b7e-4c1b',
      built: true,
      build: 'registry.example.net~team~greeter:8f3c1d2a9b7e-4c1b',
    },
  ],
  globals: { users: 5 },
  workflowId: `task/${taskId}`,
  runId: '019ad3c2-7a60-7c1e-9a4e-5c1f7a0b2d11',
  times: { requestedAt: time, startedAt: time, settledAt: '2026-11-30T02:04:10.000Z' },
  undeletedObjects: [],
};

const step = {
  instance: 'check',
  state: 'error',
  startedAt: time,
  finishedAt: '2026-11-30T02:04:00.000Z',
  error: task.error,
};

/** Examples of whole objects, by the names of their schemas. */
export const examples: Readonly<Record<string, object>> = {
  SaveJob: job,
  RunJob: { versions: { 'greeter-deploy': 'fix/timeout' }, holdOnFailure: '1h' },
  SaveTestFlow: flow,
  ValidateTestFlow: flow,
  EditTestFlow: { ...flow, revision: 3 },
  TaskSummary: task,
  Step: step,
  StepWithOutputs: { ...step, outputs: {} },
  Waiting: { reason: 'image_pull', message: 'the image is being pulled', since: time, source: 'runner' },
  RetryTask: { from: 'failed', input: { url: 'http://greeter:8080/hello' } },
  LogLine: { at: time, source: 'runner', attempt: 1, step: 'check', seq: 17, stream: 'out', text: 'GET /hello' },
  WebhookEvent: {
    kind: 'pr_merged',
    repo: 'team/greeter',
    base: 'main',
    source: 'fix/timeout',
    number: 7,
    title: 'Answer within a second',
    sha: commit,
    by: 'ada',
  },
};

/** Examples of single values; keys are ends of places, as those of `fieldTexts`. */
export const valueExamples: Readonly<Record<string, unknown>> = {
  '?id': jobId,
  '?name': 'greeter-deploy',
  '?label': 'smoke',
  '?version': 'v1.0.0',
  'getBuild?id': 'registry.example.net~team~greeter:8f3c1d2a9b7e-4c1b',
  'readBuildLog?id': 'registry.example.net~team~greeter:8f3c1d2a9b7e-4c1b',
  ...Object.fromEntries(
    ['getTask', 'stopTask', 'deleteTask', 'holdTask', 'releaseTask', 'retryTask', 'listPods', 'readTaskLog'].map(
      (operation) => [`${operation}?id`, taskId],
    ),
  ),
  id: jobId,
  name: 'nightly',
  'Plugin.name': 'greeter-deploy',
  'Plugin.version': 'v1.0.0',
  'Group.name': 'Greeting',
  testFlowId: job.testFlowId,
  jobId,
  jobName: 'nightly',
  jobType: job.jobType,
  taskId,
  bisectId: '01k2x8d4m1',
  workflowId: task.workflowId,
  runId: task.runId,
  graph: flow.graph,
  versions: job.versions,
  globalProperties: job.globalProperties,
  policy: job.policy,
  commit,
  sha: commit,
  goodCommit: '1b2c3d4e5f60718293a4b5c6d7e8f9a0b1c2d3e4',
  badCommit: commit,
  good: `${jobId}-41`,
  bad: taskId,
  component: 'greeter-deploy',
  plugin: 'greeter-deploy',
  'listLabels.items.plugins': 'greeter-deploy',
  label: 'smoke',
  labels: 'smoke',
  repo: 'https://github.com/team/greeter',
  image: 'registry.example.net/team/greeter:8f3c1d2a9b7e-4c1b',
  'Build.id': 'registry.example.net~team~greeter:8f3c1d2a9b7e-4c1b',
  by: 'admin',
  for: '1h30m',
  step: 'check',
  instance: 'check',
  version: 'main',
  path: 'reports/junit.xml',
  event: 'pull_request',
  summary: 'pull request 7 of team/greeter was merged into main',
  reason: 'the base branch matches main',
  note: 'the lab moves',
};
