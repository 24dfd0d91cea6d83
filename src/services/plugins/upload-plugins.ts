import { join } from 'node:path';
import { Fault, type Issue } from '../../model/fault.ts';
import type { Plugin } from '../../model/plugin.ts';
import type { LabelStore, PluginStore } from '../../model/ports/plugins.ts';
import { type DryRunTarget, dryRunTemplates, type TemplateCheck } from './dry-run-templates.ts';
import { type PreparedPlugin, prepareUpload, type UploadedFile } from './prepare-upload.ts';
import type { ReadInfo } from './scan-plugin-store.ts';
import { hasFiles, moveFiles, removeFiles, removeStaleFiles, targetPath } from './store-files.ts';
import { withStoreLock } from './with-store-lock.ts';

export interface UploadPorts {
  plugins: PluginStore;
  labels: LabelStore;
  /** Path of the plugin store. */
  directory: string;
  readInfo: ReadInfo;
  /** Target for the dry run of the plugins' own templates. */
  dryRunTarget: DryRunTarget;
}

export interface UploadRequest {
  files: readonly UploadedFile[];
  /** Folder of the plugin store for this upload. */
  staging: string;
  /** Replaces existing versions. */
  force: boolean;
  labels: readonly string[];
}

export const uploadOutcomes = ['created', 'replaced', 'unchanged'] as const;
export interface UploadResult {
  plugin: Plugin;
  outcome: (typeof uploadOutcomes)[number];
  /** Only for a plugin with templates of its own. */
  templateCheck?: TemplateCheck;
}

type TriedPlugin = PreparedPlugin & { templateCheck?: TemplateCheck };

/**
 * Adds uploaded files to the plugin store; the plugins can be used at once. All or nothing: throws `plugin_invalid`
 * with every invalid file, `conflict` when a version exists with different content and `force` is not set.
 */
export async function uploadPlugins(ports: UploadPorts, request: UploadRequest): Promise<UploadResult[]> {
  const prepared = await prepareAll(ports, request);
  return withStoreLock(ports.plugins, async () => {
    const known = await ports.plugins.list();
    const taken = prepared.flatMap(({ plugin }) => {
      const other = known.find(({ name, version }) => name === plugin.name && version === plugin.version);
      return other && other.checksum !== plugin.checksum ? [plugin] : [];
    });
    if (taken.length > 0 && !request.force) throw alreadyExists(taken);
    const results: UploadResult[] = [];
    // Plugins that were stored before a failure of disk or database stay.
    for (const one of prepared) {
      const { templateCheck } = one;
      results.push({ ...(await store(ports, one)), templateCheck });
    }
    for (const { plugin } of prepared) {
      for (const label of request.labels) await ports.labels.add(plugin.name, label);
    }
    return results;
  });
}

async function prepareAll(
  { readInfo, dryRunTarget }: UploadPorts,
  { files, staging }: UploadRequest,
): Promise<TriedPlugin[]> {
  const prepared: TriedPlugin[] = [];
  const faults: { file: string; fault: Fault }[] = [];
  for (const [index, file] of files.entries()) {
    try {
      const next = await prepareUpload(file, join(staging, `plugin-${index}`), readInfo);
      const { name, version } = next.plugin;
      const twin = prepared.some(({ plugin }) => plugin.name === name && plugin.version === version);
      if (twin) throw new Fault('conflict', `another file of this upload is also ${name} ${version}`);
      const templateCheck = await dryRunTemplates(dryRunTarget, next.plugin);
      prepared.push({ ...next, templateCheck });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push({ file: file.name, fault: error });
    }
  }
  const [first] = faults;
  if (!first) return prepared;
  const issues = faults.map(({ file, fault }): Issue => {
    const { message, where, hint } = fault;
    return { message, where: { ...where, file }, hint };
  });
  const { code, message, where, hint } = first.fault;
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more files)` : '';
  throw new Fault(code, `${first.file}: ${message}${more}`, {
    where: { ...where, file: first.file },
    hint,
    issues,
    cause: first.fault,
  });
}

function alreadyExists(taken: readonly Plugin[]): Fault {
  const names = taken.map(({ name, version }) => `${name} ${version}`).join(', ');
  return new Fault('conflict', `${names} already exists with different content`, {
    hint: 'change the version, or replace it with ?force=true',
    issues: taken.map(({ name, version }) => ({ message: `${name} ${version} exists with different content` })),
  });
}

async function store({ plugins, directory }: UploadPorts, prepared: PreparedPlugin): Promise<UploadResult> {
  const plugin: Plugin = { ...prepared.plugin, file: targetPath(prepared).file };
  let placed = false;
  for (;;) {
    const before = await plugins.get(plugin.name, plugin.version);
    if (before?.checksum === plugin.checksum && before && (await hasFiles(directory, before))) {
      return { plugin: before, outcome: placed && before.file === plugin.file ? 'created' : 'unchanged' };
    }
    if (!placed) await moveFiles(directory, prepared);
    placed = true;
    // False when a starting server has recorded the files of the store meanwhile, perhaps this one.
    if (!(await plugins.change(before, plugin))) continue;
    if (before && before.file !== plugin.file) await removeFiles(directory, before);
    await removeStaleFiles(directory, plugin);
    return { plugin, outcome: before ? 'replaced' : 'created' };
  }
}
