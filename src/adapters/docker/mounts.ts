import type { MountSettings } from 'dockerode';
import { z } from 'zod';
import { runLabels } from '../../model/engine/labels.ts';
import type { PodContainer } from '../../model/engine/manifest.ts';
import type { RunnerSpec } from '../../model/engine/runtime.ts';
import { refused } from './supported.ts';

/** The engine's socket, on its machine and in a runner that deploys components. */
const socket = '/var/run/docker.sock';

const volumeSchema = z.union([
  z.object({ persistentVolumeClaim: z.object({ claimName: z.string().min(1), readOnly: z.boolean().optional() }) }),
  z.object({ hostPath: z.object({ path: z.string().min(1) }) }),
  z.object({ emptyDir: z.object({ medium: z.literal('').optional() }).nullable() }),
]);
type Volume = z.infer<typeof volumeSchema>;
type PodMount = NonNullable<PodContainer['volumeMounts']>[number];

/** Claims become named volumes that outlive the run, empty directories anonymous ones that end with the container. */
export function mounts(spec: RunnerSpec, container: PodContainer): MountSettings[] {
  const emptied = new Set<string>();
  const mapped = (container.volumeMounts ?? []).map((mount, index): MountSettings => {
    const path = `spec.containers[0].volumeMounts[${index}]`;
    const volume = findVolume(spec, mount.name, path);
    const target = { Target: mount.mountPath, ReadOnly: mount.readOnly ?? false };
    if ('persistentVolumeClaim' in volume) {
      const { claimName, readOnly } = volume.persistentVolumeClaim;
      const Source = claimVolume(spec, claimName, mount);
      return { ...target, Type: 'volume', Source, ReadOnly: target.ReadOnly || (readOnly ?? false) };
    }
    if (mount.subPath) throw refused(`${path}.subPath`, 'on Docker only a claim is mounted with a subPath');
    if ('hostPath' in volume) return { ...target, Type: 'bind', Source: volume.hostPath.path };
    if (emptied.has(mount.name)) throw refused(path, `on Docker the emptyDir ${mount.name} is mounted once`);
    emptied.add(mount.name);
    const VolumeOptions = { NoCopy: false, Labels: runLabels(spec, 'runner'), DriverConfig: { Name: '', Options: {} } };
    return { ...target, Type: 'volume', Source: '', VolumeOptions };
  });
  return spec.deploys ? [...mapped, { Type: 'bind', Source: socket, Target: socket }] : mapped;
}

/** The claim's volume in the namespace. A subPath has a volume of its own; the namespace as subPath is this split already. */
function claimVolume({ manifest, work }: RunnerSpec, claim: string, { subPath }: PodMount): string {
  const namespace = manifest.metadata.namespace ?? work.namespace;
  const part = subPath === undefined || subPath === namespace ? [] : [subPath.replaceAll('/', '-')];
  return ['brightbird', namespace, claim, ...part].join('-');
}

function findVolume({ manifest }: RunnerSpec, name: string, path: string): Volume {
  const index = (manifest.spec.volumes ?? []).findIndex((volume) => volume.name === name);
  if (index < 0) throw refused(path, `no volume is named ${name}`);
  const parsed = volumeSchema.safeParse(manifest.spec.volumes?.[index]);
  if (parsed.success) return parsed.data;
  throw refused(
    `spec.volumes[${index}]`,
    `on Docker the volume ${name} is a persistentVolumeClaim, an emptyDir on disk or a hostPath`,
  );
}
