import type { TestFlow } from '../../../../src/model/flow.ts';
import type { Job, PullRequestRule, TagRule } from '../../../../src/model/job.ts';
import type { Plugin } from '../../../../src/model/plugin.ts';

const createdAt = new Date('2026-11-01T10:00:00Z');

function aJob(name: string, more: Partial<Job>): Job {
  return {
    id: `id-of-${name}`,
    name,
    testFlowId: 'flow',
    jobType: 'manual',
    versions: {},
    globalProperties: {},
    policy: { timeoutSeconds: 600, overlap: 'allow_all', coalesce: false },
    description: '',
    execCount: 0,
    events: [],
    createdAt,
    updatedAt: createdAt,
    ...more,
  };
}

/** Creates a job for merged pull requests; by default its rules match every branch of `owner/greeter`. */
export function aMergeJob(name: string, rules: Partial<PullRequestRule>[] = [{}], more: Partial<Job> = {}): Job {
  const every = { repo: 'owner/greeter', basePattern: '.', sourcePattern: '.' };
  const prMergedEventMatches = rules.map((rule) => ({ ...every, ...rule }));
  return aJob(name, { jobType: 'pr_merged_hook', prMergedEventMatches, ...more });
}

/** Creates a job for tags; by default its rules match every tag of `owner/greeter`. */
export function aTagJob(name: string, rules: Partial<TagRule>[] = [{}], more: Partial<Job> = {}): Job {
  const tagCreateEventMatches = rules.map((rule) => ({ repo: 'owner/greeter', tagPattern: '.', ...rule }));
  return aJob(name, { jobType: 'tag_created_hook', tagCreateEventMatches, ...more });
}

/** Creates a flow that deploys the component of `owner/greeter`. */
export function aFlow(id = 'flow', graph = 'pipeline:\n  greeter:\n    plugin: greeter-deploy\n'): TestFlow {
  return {
    id,
    name: `name of ${id}`,
    graph,
    globalProperties: {},
    description: '',
    revision: 1,
    createdAt,
    updatedAt: createdAt,
  };
}

export function aComponent(repo = 'https://github.com/Owner/Greeter.git'): Plugin {
  return {
    name: 'greeter-deploy',
    version: 'v1.0.0',
    pluginType: 'Deployer',
    form: 'declarative',
    description: '',
    repo,
    imageTarget: 'greeter',
    inputSchema: {},
    outputSchema: {},
    labels: [],
  };
}
