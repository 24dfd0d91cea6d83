import { hostAliases } from '../../language/manifests/host-aliases.ts';
import type { Owner } from '../../language/manifests/owner-reference.ts';
import type { Host } from '../../model/component.ts';
import type { Manifest } from '../../model/engine/objects.ts';
import type { RunnerSpec } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { runnerName } from '../../model/run.ts';
import { workPaths } from '../../model/work.ts';
import { marksOf } from './identity.ts';
import { type WorkSecret, workKey } from './work-secret.ts';

const volumes = {
  work: 'brightbird-work',
  files: 'brightbird-files',
  plugins: 'brightbird-plugins',
  secrets: 'brightbird-secrets',
};

type Files = Pick<WorkSecret, 'programs' | 'secrets'>;

export interface RunnerPodParts {
  namespace: string;
  serviceAccount: string;
  /** Claim with the plugin store in its folder `plugins`. */
  pluginClaim?: string | undefined;
  /** DNS names of the components that it will deploy. */
  hosts: readonly Host[];
}

/**
 * Completes the runner's rendered Pod: marks and owner of the run, a folder of its own for the checkpoint with the work
 * file and the programs, and permissions only if the flow deploys. Throws `template_invalid` with the place.
 */
export function runnerPod(spec: RunnerSpec, owner: Owner, parts: RunnerPodParts, files: Files): Manifest {
  checkTemplate(spec, parts.namespace);
  const { metadata, spec: pod } = spec.manifest;
  const marks = marksOf(spec, 'runner', owner);
  const [runner, ...others] = pod.containers;
  const account = pod.serviceAccountName ?? (spec.deploys ? parts.serviceAccount : undefined);
  return {
    ...spec.manifest,
    metadata: {
      ...metadata,
      ...marks,
      name: runnerName(spec),
      labels: { ...metadata.labels, ...marks.labels },
      annotations: { ...metadata.annotations, ...marks.annotations },
    },
    spec: {
      enableServiceLinks: false,
      automountServiceAccountToken: account !== undefined,
      restartPolicy: 'OnFailure',
      ...pod,
      ...(account !== undefined && { serviceAccountName: account }),
      ...(parts.hosts.length > 0 && { hostAliases: [...(pod.hostAliases ?? []), ...hostAliases(parts.hosts)] }),
      initContainers: pod.initContainers ?? [],
      containers: [
        { ...runner, volumeMounts: [...(runner?.volumeMounts ?? []), ...mounts(spec, parts, files)] },
        ...others,
      ],
      volumes: [...(pod.volumes ?? []), ...workVolumes(spec, parts, files)],
    },
  };
}

function mounts(spec: RunnerSpec, { pluginClaim }: RunnerPodParts, { programs, secrets }: Files): object[] {
  const { directory, file, plugins } = workPaths;
  const claim = volumeOfClaim(spec, pluginClaim) ?? volumes.plugins;
  const fromClaim = { name: claim, mountPath: plugins, subPath: 'plugins', readOnly: true };
  const fromSecret = { name: volumes.plugins, mountPath: plugins, readOnly: true };
  return [
    { name: volumes.work, mountPath: directory },
    { name: volumes.files, mountPath: file, subPath: workKey, readOnly: true },
    ...(pluginClaim ? [fromClaim] : programs.length > 0 ? [fromSecret] : []),
    ...(secrets.length > 0 ? [{ name: volumes.secrets, mountPath: workPaths.secrets, readOnly: true }] : []),
  ];
}

/** Returns the volumes of work, programs and secrets: read-only, for all, as the image may run as any user. */
function workVolumes(spec: RunnerSpec, { pluginClaim }: RunnerPodParts, { programs, secrets }: Files) {
  const secretName = runnerName(spec);
  const items = [{ key: workKey, path: workKey }];
  const claim = { name: volumes.plugins, persistentVolumeClaim: { claimName: pluginClaim, readOnly: true } };
  const secret = { name: volumes.plugins, secret: { secretName, defaultMode: 0o555, items: programs } };
  const ofSecrets = { name: volumes.secrets, secret: { secretName, defaultMode: 0o444, items: secrets } };
  const fromClaim = volumeOfClaim(spec, pluginClaim) ? [] : [claim];
  return [
    { name: volumes.work, emptyDir: {} },
    { name: volumes.files, secret: { secretName, defaultMode: 0o444, items } },
    ...(pluginClaim ? fromClaim : programs.length > 0 ? [secret] : []),
    ...(secrets.length > 0 ? [ofSecrets] : []),
  ];
}

/** Returns the name of the template's volume of the claim: a kubelet waits forever when a claim is two volumes. */
function volumeOfClaim({ manifest }: RunnerSpec, pluginClaim: string | undefined): string | undefined {
  if (pluginClaim === undefined) return undefined;
  return manifest.spec.volumes?.find((volume) => volume.persistentVolumeClaim?.claimName === pluginClaim)?.name;
}

function checkTemplate({ manifest }: RunnerSpec, namespace: string): void {
  const { metadata, spec } = manifest;
  if ((metadata.namespace ?? namespace) !== namespace) {
    throw templateFault(
      'metadata.namespace',
      `the runner's namespace is ${metadata.namespace}, not ${namespace}`,
      'use {{.NameSpace}}',
    );
  }
  if (spec.restartPolicy === 'Always') {
    const message = 'with restartPolicy Always a runner would be restarted after it has finished';
    throw templateFault('spec.restartPolicy', message, 'use OnFailure');
  }
  for (const [index, { mountPath }] of (spec.containers[0]?.volumeMounts ?? []).entries()) {
    if (mountPath !== workPaths.directory && !mountPath.startsWith(`${workPaths.directory}/`)) continue;
    const message = `${mountPath} is reserved for the runner`;
    throw templateFault(`spec.containers[0].volumeMounts[${index}]`, message, 'mount the volume elsewhere');
  }
}

function templateFault(path: string, message: string, hint: string): Fault {
  return new Fault('template_invalid', message, { where: { path }, hint });
}
