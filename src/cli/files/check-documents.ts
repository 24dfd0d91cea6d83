import { hintFor } from '../../flows/nearest.ts';
import { checkJob } from '../../jobs/check-job.ts';
import { Fault, type Mistake } from '../../model/fault.ts';
import type { TestFlow } from '../../model/flow.ts';
import type { ApiClient } from '../api-client.ts';
import { type FileDocument, ofKind } from './documents.ts';
import { parsePath } from './parse-path.ts';
import type { Step } from './plan.ts';
import type { ServerState } from './server-state.ts';

/**
 * Everything that is wrong with documents of the right shape, seen from the others and from what the server has. A flow or
 * job that the server has just so is not asked about again: it may have stopped to fit, and nothing is done to it.
 */
export async function checkDocuments(steps: readonly Step[], server: ServerState, api: ApiClient): Promise<Mistake[]> {
  const documents = steps.map(({ document }) => document);
  const changed = steps.filter(({ effect }) => effect !== 'unchanged').map(({ document }) => document);
  const mistakes = [
    ...duplicates(documents),
    ...missingPlugins(documents, server),
    ...missingGroups(documents, server),
  ];
  for (const flow of ofKind(changed, 'TestFlow')) mistakes.push(...(await flowMistakes(flow, api)));
  const flows = new Set(ofKind(changed, 'TestFlow').map(({ said }) => said.name));
  const jobs = ofKind(documents, 'Job').filter((job) => changed.includes(job) || flows.has(job.said.testFlow));
  for (const job of jobs) mistakes.push(...(await jobMistakes(job, documents, server)));
  return mistakes;
}

function duplicates(documents: readonly FileDocument[]): Mistake[] {
  const seen = new Map<string, FileDocument>();
  return documents.flatMap((document) => {
    const { kind, said, place } = document;
    const key = JSON.stringify([kind, said.name, kind === 'Plugin' && 'version' in said ? said.version : '']);
    const first = seen.get(key);
    if (!first) {
      seen.set(key, document);
      return [];
    }
    const { file, line } = first.place(['name']);
    return [{ message: `${kind} ${said.name} is there twice, first at ${file}:${line}`, where: place(['name']) }];
  });
}

function missingPlugins(documents: readonly FileDocument[], { plugins }: ServerState): Mistake[] {
  return ofKind(documents, 'Plugin').flatMap(({ said: { name, version }, place }) => {
    const versions = plugins.filter((plugin) => plugin.name === name).map((plugin) => plugin.version);
    if (versions.length === 0) {
      const names = [...new Set(plugins.map((plugin) => plugin.name))];
      const hint = hintFor(name, names, 'plugins of the server');
      return [{ message: `the server has no plugin ${name}`, where: place(['name']), hint }];
    }
    if (version === undefined || versions.includes(version)) return [];
    const hint = `it has ${versions.join(', ')}`;
    return [{ message: `the server has no ${version} of plugin ${name}`, where: place(['version']), hint }];
  });
}

function missingGroups(documents: readonly FileDocument[], server: ServerState): Mistake[] {
  const names = new Set([...server.groups.keys(), ...ofKind(documents, 'Group').map(({ said }) => said.name)]);
  return ofKind(documents, 'TestFlow').flatMap(({ said: { group }, place }) => {
    if (group === undefined || names.has(group)) return [];
    const hint = hintFor(group, [...names], 'groups');
    return [
      { message: `there is no group ${group}, neither in the files nor on the server`, where: place(['group']), hint },
    ];
  });
}

/** The server says what fits its plugins; the places in the graph become those in the file. */
async function flowMistakes({ said, placeInGraph }: FileDocument<'TestFlow'>, api: ApiClient): Promise<Mistake[]> {
  const { graph, globalProperties } = said;
  try {
    await api.post('/testflows/validate', { graph, globalProperties });
    return [];
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'flow_invalid') throw error;
    return error.mistakes.map(({ message, where, hint }) => ({
      message: `${said.name}: ${message}`,
      where: { ...placeInGraph(where?.line ?? 1, where?.column ?? 1), path: where?.path },
      hint,
    }));
  }
}

async function jobMistakes(
  { said: { testFlow, ...said }, place }: FileDocument<'Job'>,
  documents: readonly FileDocument[],
  server: ServerState,
): Promise<Mistake[]> {
  const inFiles = ofKind(documents, 'TestFlow').find((flow) => flow.said.name === testFlow)?.said;
  const flow = inFiles ? asFlow(inFiles) : await server.flow(testFlow);
  if (!flow) {
    const names = [...server.flows.keys(), ...ofKind(documents, 'TestFlow').map((one) => one.said.name)];
    const hint = hintFor(testFlow, [...new Set(names)], 'test flows');
    return [{ message: `there is no test flow ${testFlow}`, where: place(['testFlow']), hint }];
  }
  try {
    await checkJob({ get: async () => flow }, { ...said, testFlowId: flow.id });
    return [];
  } catch (error) {
    // What is wrong with the flow itself is told where it is.
    if (!(error instanceof Fault) || error.code === 'flow_invalid') return unlessFlow(error);
    return error.mistakes.map(({ message, where, hint }) => {
      return { message: `${said.name}: ${message}`, where: place(parsePath(where?.path ?? '')), hint };
    });
  }
}

function unlessFlow(error: unknown): Mistake[] {
  if (error instanceof Fault) return [];
  throw error;
}

function asFlow(said: Pick<TestFlow, 'name' | 'graph' | 'globalProperties' | 'description'>): TestFlow {
  const { name, graph, globalProperties, description } = said;
  const never = new Date(0);
  return { id: name, name, graph, globalProperties, description, revision: 0, createdAt: never, updatedAt: never };
}
