import { hintFor } from '../../../language/flow/closest-match.ts';
import { Fault, type Issue } from '../../../model/fault.ts';
import type { ApiClient } from '../api-client.ts';
import { checkJobDocument } from './check-job-document.ts';
import { type FileDocument, filterByKind } from './documents.ts';
import type { Step } from './plan.ts';
import type { ServerState } from './server-state.ts';

/**
 * Checks parsed documents against each other and the server. Skips flows and jobs that are unchanged: they may no longer fit,
 * but are not applied. Warnings are about settings that the server accepts, but that have no effect.
 */
export async function checkDocuments(
  steps: readonly Step[],
  server: ServerState,
  api: ApiClient,
): Promise<{ issues: Issue[]; warnings: Issue[] }> {
  const documents = steps.map(({ document }) => document);
  const changed = steps.filter(({ effect }) => effect !== 'unchanged').map(({ document }) => document);
  const issues = [...duplicates(documents), ...missingPlugins(documents, server), ...missingGroups(documents, server)];
  for (const flow of filterByKind(changed, 'TestFlow')) issues.push(...(await validateFlow(flow, api)));
  const flows = new Set(filterByKind(changed, 'TestFlow').map(({ spec }) => spec.name));
  const jobs = filterByKind(documents, 'Job').filter((job) => changed.includes(job) || flows.has(job.spec.testFlow));
  const warnings: Issue[] = [];
  for (const job of jobs) {
    const checked = await checkJobDocument(job, documents, server);
    issues.push(...checked.issues);
    warnings.push(...checked.warnings);
  }
  return { issues, warnings };
}

function duplicates(documents: readonly FileDocument[]): Issue[] {
  const seen = new Map<string, FileDocument>();
  return documents.flatMap((document) => {
    const { kind, spec, place } = document;
    const key = JSON.stringify([kind, spec.name, kind === 'Plugin' && 'version' in spec ? spec.version : '']);
    const first = seen.get(key);
    if (!first) {
      seen.set(key, document);
      return [];
    }
    const { file, line } = first.place(['name']);
    return [{ message: `duplicate ${kind} ${spec.name}, first at ${file}:${line}`, where: place(['name']) }];
  });
}

function missingPlugins(documents: readonly FileDocument[], { plugins }: ServerState): Issue[] {
  return filterByKind(documents, 'Plugin').flatMap(({ spec: { name, version }, place }) => {
    const versions = plugins.filter((plugin) => plugin.name === name).map((plugin) => plugin.version);
    if (versions.length === 0) {
      const names = [...new Set(plugins.map((plugin) => plugin.name))];
      const hint = hintFor(name, names, 'plugins of the server');
      return [{ message: `the server has no plugin ${name}`, where: place(['name']), hint }];
    }
    if (version === undefined || versions.includes(version)) return [];
    const hint = `the server has ${versions.join(', ')}`;
    return [{ message: `the server has no version ${version} of plugin ${name}`, where: place(['version']), hint }];
  });
}

function missingGroups(documents: readonly FileDocument[], server: ServerState): Issue[] {
  const names = new Set([...server.groups.keys(), ...filterByKind(documents, 'Group').map(({ spec }) => spec.name)]);
  return filterByKind(documents, 'TestFlow').flatMap(({ spec: { group }, place }) => {
    if (group === undefined || names.has(group)) return [];
    const hint = hintFor(group, [...names], 'groups');
    return [
      { message: `there is no group ${group}, neither in the files nor on the server`, where: place(['group']), hint },
    ];
  });
}

/** Validates a flow on the server. Converts places in the graph to places in the file. */
async function validateFlow({ spec, placeInGraph }: FileDocument<'TestFlow'>, api: ApiClient): Promise<Issue[]> {
  const { graph, globalProperties } = spec;
  try {
    await api.post('/testflows/validate', { graph, globalProperties });
    return [];
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'flow_invalid') throw error;
    return error.issues.map(({ message, where, hint }) => ({
      message: `${spec.name}: ${message}`,
      where: { ...placeInGraph(where?.line ?? 1, where?.column ?? 1), path: where?.path },
      hint,
    }));
  }
}
