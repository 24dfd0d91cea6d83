import { isDeepStrictEqual } from 'node:util';
import { parseGraph } from '../../../language/flow/parse-graph.ts';
import { policySchema, saveJobSchema } from '../../../model/job.ts';
import { requireFound } from '../../../model/require-found.ts';
import type { ApiClient } from '../api-client.ts';
import { FileNames } from './file-names.ts';
import { specOf } from './plan.ts';
import { readServer, type ServerState } from './server-state.ts';
import { writeDocument } from './write-document.ts';
import { type WrittenFiles, writeFolder } from './write-folder.ts';

/**
 * Writes a server's groups, flows and jobs, and the plugins of the flows, into a folder, for `apply`. Removes stale files of
 * earlier exports. Throws conflict when a file that no export wrote is in the way, and the Fault of an unreachable server.
 */
export async function exportToFolder(api: ApiClient, folder: string): Promise<WrittenFiles> {
  const server = await readServer(api);
  const files = new Map<string, string>();
  const groups = sorted(server.groups.values());
  if (groups.length > 0) {
    const documents = groups.map(({ name, description }) =>
      writeDocument('Group', { name, ...omitEmpty({ description }) }),
    );
    files.set('groups.yaml', documents.join('---\n'));
  }
  const flows = await addFlowFiles(server, files);
  const plugins = pluginsOf(flows);
  if (plugins.length > 0) {
    files.set('plugins.yaml', plugins.map((plugin) => writeDocument('Plugin', plugin)).join('---\n'));
  }
  addJobFiles(server, files);
  return writeFolder(folder, files);
}

/** Adds a file for each flow, and returns their graphs. */
async function addFlowFiles(server: ServerState, files: Map<string, string>): Promise<string[]> {
  const groups = new Map([...server.groups.values()].map(({ id, name }) => [id, name]));
  const names = new FileNames('flows');
  const graphs: string[] = [];
  for (const { name } of sorted(server.flows.values())) {
    const { graph, groupId, description, globalProperties } = requireFound(
      await server.flow(name),
      `test flow ${name}`,
    );
    const group = groupId === undefined ? undefined : groups.get(groupId);
    const said = { name, group, ...omitEmpty({ description, globalProperties }), graph };
    files.set(names.of(name), writeDocument('TestFlow', said));
    graphs.push(graph);
  }
  return graphs;
}

function addJobFiles(server: ServerState, files: Map<string, string>): void {
  const flows = new Map([...server.flows.values()].map(({ id, name }) => [id, name]));
  const names = new FileNames('jobs');
  for (const job of sorted(server.jobs.values())) {
    const testFlow = requireFound(flows.get(job.testFlowId), `test flow ${job.testFlowId} of job ${job.name}`);
    const { name, testFlowId: _id, jobType, policy: _policy, ...said } = specOf(job);
    const policy = withoutDefaults(job.policy, policySchema.parse({}));
    const defaults = saveJobSchema.parse({ name: job.name, testFlowId: job.testFlowId });
    const document = { name, testFlow, jobType, ...withoutDefaults(said, defaults), ...omitEmpty({ policy }) };
    files.set(names.of(job.name), writeDocument('Job', document));
  }
}

/** Returns the plugins of the flows, each version once. Without a version, a flow takes the newest. */
function pluginsOf(graphs: readonly string[]): { name: string; version?: string }[] {
  const steps = graphs.flatMap((graph) => parseGraph(graph).graph.steps);
  const references = new Map(
    steps.map(({ plugin: name, version }) => [`${name} ${version ?? ''}`, { name, ...(version && { version }) }]),
  );
  return [...references].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, reference]) => reference);
}

function withoutDefaults(said: object, defaults: object): Record<string, unknown> {
  const known = new Map<string, unknown>(Object.entries(defaults));
  return Object.fromEntries(Object.entries(said).filter(([key, value]) => !isDeepStrictEqual(value, known.get(key))));
}

function omitEmpty(fields: Record<string, string | object>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => Object.keys(value).length > 0));
}

function sorted<T extends { name: string }>(records: Iterable<T>): T[] {
  return [...records].sort((one, other) => (one.name < other.name ? -1 : 1));
}
