import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Owner } from '../../language/manifests/owner-reference.ts';
import type { Manifest } from '../../model/engine/objects.ts';
import type { RunnerSpec } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { runnerName } from '../../model/run.ts';
import { storeWork } from '../../model/stored-work.ts';
import { type WorkFile, workPaths } from '../../model/work.ts';
import { marksOf } from './identity.ts';

/** Limit of a Secret's data, below that of Kubernetes with metadata (Secrets: 1 MiB). */
const maxSecretBytes = 1_000_000;
export const workKey = 'work.json';

/** Program or secret of the task in the Secret, with its path below workPaths.plugins or workPaths.secrets. */
interface SecretFile {
  key: string;
  path: string;
}

export interface WorkSecret {
  manifest: Manifest;
  programs: SecretFile[];
  secrets: SecretFile[];
}

/**
 * Returns the Secret with a runner's work file, secrets, and plugins' programs unless a claim has them. It is mounted,
 * so that nothing of it is in the pod's args. Throws `plugin_invalid` for an unreadable program, and for programs too
 * large for a Secret.
 */
export async function workSecret(
  spec: RunnerSpec,
  runtime: Omit<Extract<WorkFile['runtime'], { kind: 'kubernetes' }>, 'owner'>,
  owner: Owner,
  withPrograms: boolean,
): Promise<WorkSecret> {
  const work: WorkFile = { ...spec.work, runtime: { ...runtime, owner } };
  const data: Record<string, string> = { [workKey]: Buffer.from(storeWork(work)).toString('base64') };
  const secrets = Object.keys(spec.secrets).map((path, index): SecretFile => ({ key: `secret-${index}`, path }));
  for (const { key, path } of secrets) data[key] = Buffer.from(spec.secrets[path] ?? '').toString('base64');
  const programs: SecretFile[] = [];
  for (const [index, { from, to }] of (withPrograms ? spec.files : []).entries()) {
    const key = `program-${index}`;
    data[key] = (await readProgram(from)).toString('base64');
    programs.push({ key, path: relative(workPaths.plugins, join('/', to)) });
  }
  const size = Object.values(data).reduce((sum, text) => sum + text.length * 0.75, 0);
  if (size > maxSecretBytes) throw tooLarge(size, spec.files.length > 0 && withPrograms);
  const metadata = { name: runnerName(spec), ...marksOf(spec, 'runner', owner) };
  return { manifest: { apiVersion: 'v1', kind: 'Secret', immutable: true, metadata, data }, programs, secrets };
}

async function readProgram(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new Fault('plugin_invalid', `the program ${path} cannot be read: ${String(cause)}`, {
      hint: 'restore it in the plugin store',
      cause,
    });
  }
}

function tooLarge(size: number, hasPrograms: boolean): Fault {
  const subject = hasPrograms ? "the runner's work and its plugins' programs have" : "the runner's work has";
  const limit = `exceeds the limit of ${maxSecretBytes / 1000} kB of a Secret`;
  return new Fault('plugin_invalid', `${subject} ${Math.ceil(size / 1000)} kB, which ${limit}`, {
    hint: hasPrograms
      ? 'keep the plugin store on a volume of the cluster and set PLUGIN_CLAIM to its claim'
      : 'make the test flow or its inputs smaller',
  });
}
