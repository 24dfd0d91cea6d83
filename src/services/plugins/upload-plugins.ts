import { join } from 'node:path';
import { Fault, type Mistake } from '../../model/fault.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { LabelStore, PluginStore } from '../../model/ports/plugins.ts';
import { exclusively } from './exclusively.ts';
import { type PreparedPlugin, prepareUpload, type UploadedFile } from './prepare-upload.ts';
import type { ReadInfo } from './scan-plugin-store.ts';
import { hasFiles, placeFiles, placeOf, removeFiles, removeLeftOvers } from './store-files.ts';
import { type TemplateCheck, type TemplateTrial, tryTemplates } from './try-templates.ts';

export interface UploadPorts {
  plugins: PluginStore;
  labels: LabelStore;
  /** The plugin store. */
  directory: string;
  readInfo: ReadInfo;
  /** Where the plugins' own templates are tried. */
  trial: TemplateTrial;
}

export interface UploadRequest {
  files: readonly UploadedFile[];
  /** A folder of the plugin store for this upload. */
  staging: string;
  /** A version that exists is replaced. */
  force: boolean;
  labels: readonly string[];
}

export const uploadOutcomes = ['created', 'replaced', 'unchanged'] as const;
export interface UploadResult {
  plugin: Plugin;
  outcome: (typeof uploadOutcomes)[number];
  /** Of a plugin that brings templates of its own. */
  templateCheck?: TemplateCheck;
}

type TriedPlugin = PreparedPlugin & { templateCheck?: TemplateCheck };

/**
 * Takes uploaded files into the plugin store; the plugins can be used at once. All of them or none: throws `plugin_invalid`
 * with every file that is no plugin, `conflict` when a version exists with other content and is not to be replaced.
 */
export async function uploadPlugins(ports: UploadPorts, request: UploadRequest): Promise<UploadResult[]> {
  const prepared = await prepareAll(ports, request);
  return exclusively(ports.plugins, async () => {
    const known = await ports.plugins.list();
    const taken = prepared.flatMap(({ plugin }) => {
      const other = known.find(({ name, version }) => name === plugin.name && version === plugin.version);
      return other && other.checksum !== plugin.checksum ? [plugin] : [];
    });
    if (taken.length > 0 && !request.force) throw exists(taken);
    const results: UploadResult[] = [];
    // The first of an error's plugins may be stored by then: what came before a failure of disk or database stays.
    for (const one of prepared) {
      const { templateCheck } = one;
      results.push({ ...(await store(ports, one)), ...(templateCheck && { templateCheck }) });
    }
    for (const { plugin } of prepared) {
      for (const label of request.labels) await ports.labels.add(plugin.name, label);
    }
    return results;
  });
}

async function prepareAll({ readInfo, trial }: UploadPorts, { files, staging }: UploadRequest): Promise<TriedPlugin[]> {
  const prepared: TriedPlugin[] = [];
  const faults: { file: string; fault: Fault }[] = [];
  for (const [index, file] of files.entries()) {
    try {
      const next = await prepareUpload(file, join(staging, `plugin-${index}`), readInfo);
      const { name, version } = next.plugin;
      const twin = prepared.some(({ plugin }) => plugin.name === name && plugin.version === version);
      if (twin) throw new Fault('conflict', `another file of this upload is ${name} ${version} too`);
      const templateCheck = await tryTemplates(trial, next.plugin);
      prepared.push({ ...next, ...(templateCheck && { templateCheck }) });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push({ file: file.name, fault: error });
    }
  }
  const [first] = faults;
  if (!first) return prepared;
  const mistakes = faults.map(({ file, fault }): Mistake => {
    const { message, where, hint } = fault;
    return { message, where: { ...where, file }, ...(hint && { hint }) };
  });
  const { code, message, where, hint } = first.fault;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more files)` : '';
  throw new Fault(code, `${first.file}: ${message}${more}`, {
    where: { ...where, file: first.file },
    ...(hint && { hint }),
    mistakes,
    cause: first.fault,
  });
}

function exists(taken: readonly Plugin[]): Fault {
  const names = taken.map(({ name, version }) => `${name} ${version}`).join(', ');
  return new Fault('conflict', `${names} exists already with other content`, {
    hint: 'give it another version, or replace it with ?force=true',
    mistakes: taken.map(({ name, version }) => ({ message: `${name} ${version} exists with other content` })),
  });
}

async function store({ plugins, directory }: UploadPorts, prepared: PreparedPlugin): Promise<UploadResult> {
  const plugin: Plugin = { ...prepared.plugin, file: placeOf(prepared).file };
  let placed = false;
  for (;;) {
    const before = await plugins.get(plugin.name, plugin.version);
    if (before?.checksum === plugin.checksum && before && (await hasFiles(directory, before))) {
      return { plugin: before, outcome: placed && before.file === plugin.file ? 'created' : 'unchanged' };
    }
    if (!placed) await placeFiles(directory, prepared);
    placed = true;
    // False when a server that starts has read the store and recorded what it found there, perhaps this very file.
    if (!(await plugins.change(before, plugin))) continue;
    if (before && before.file !== plugin.file) await removeFiles(directory, before);
    await removeLeftOvers(directory, plugin);
    return { plugin, outcome: before ? 'replaced' : 'created' };
  }
}
