import { hintFor } from '../../../language/flow/nearest.ts';
import { Fault, type Mistake } from '../../../model/fault.ts';
import type { ApiClient } from '../api-client.ts';
import { checkJobDocument } from './check-job-document.ts';
import { type FileDocument, ofKind } from './documents.ts';
import type { Step } from './plan.ts';
import type { ServerState } from './server-state.ts';

/**
 * Everything that is wrong with documents of the right shape, seen from the others and from what the server has. A flow or
 * job that the server has just so is not asked about again: it may have stopped to fit, and nothing is done to it. Warnings
 * are about what the server takes, but what has no effect.
 */
export async function checkDocuments(
  steps: readonly Step[],
  server: ServerState,
  api: ApiClient,
): Promise<{ mistakes: Mistake[]; warnings: Mistake[] }> {
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
  const warnings: Mistake[] = [];
  for (const job of jobs) {
    const checked = await checkJobDocument(job, documents, server);
    mistakes.push(...checked.mistakes);
    warnings.push(...checked.warnings);
  }
  return { mistakes, warnings };
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
