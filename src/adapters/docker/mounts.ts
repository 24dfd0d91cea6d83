import type { MountSettings } from 'dockerode';
import { z } from 'zod';
import { runLabels } from '../../model/engine/labels.ts';
import type { PodContainer } from '../../model/engine/manifest.ts';
import type { RunnerSpec } from '../../model/engine/runtime.ts';
import { templateFault } from './supported.ts';

/** Path of the engine's socket, on its machine and in a runner that deploys components. */
const engineSocket = '/var/run/docker.sock';

const volumeSchema = z.union([
  z.object({ persistentVolumeClaim: z.object({ claimName: z.string().min(1), readOnly: z.boolean().optional() }) }),
  z.object({ hostPath: z.object({ path: z.string().min(1) }) }),
  z.object({ emptyDir: z.object({ medium: z.literal('').optional() }).nullable() }),
]);
type Volume = z.infer<typeof volumeSchema>;
type PodMount = NonNullable<PodContainer['volumeMounts']>[number];

/** Converts a Pod's mounts: claims to named volumes that outlive the run, emptyDirs to anonymous ones that do not. */
export function convertMounts(spec: RunnerSpec, container: PodContainer): MountSettings[] {
  const emptyDirs = new Set<string>();
  const mapped = (container.volumeMounts ?? []).map((mount, index): MountSettings => {
    const path = `spec.containers[0].volumeMounts[${index}]`;
    const volume = findVolume(spec, mount.name, path);
    const target = { Target: mount.mountPath, ReadOnly: mount.readOnly ?? false };
    if ('persistentVolumeClaim' in volume) {
      const { claimName, readOnly } = volume.persistentVolumeClaim;
      const Source = claimVolume(spec, claimName, mount);
      return { ...target, Type: 'volume', Source, ReadOnly: target.ReadOnly || (readOnly ?? false) };
    }
    if (mount.subPath)
      throw templateFault(`${path}.subPath`, 'on Docker only the volume of a claim can have a subPath');
    if ('hostPath' in volume) return { ...target, Type: 'bind', Source: volume.hostPath.path };
    if (emptyDirs.has(mount.name))
      throw templateFault(path, `on Docker the emptyDir ${mount.name} can be mounted only once`);
    emptyDirs.add(mount.name);
    const VolumeOptions = { NoCopy: false, Labels: runLabels(spec, 'runner'), DriverConfig: { Name: '', Options: {} } };
    return { ...target, Type: 'volume', Source: '', VolumeOptions };
  });
  return spec.deploys ? [...mapped, { Type: 'bind', Source: engineSocket, Target: engineSocket }] : mapped;
}

/** Returns the name of the claim's volume. A subPath gets its own, unless it is the namespace, already in the name. */
function claimVolume({ manifest, work }: RunnerSpec, claim: string, { subPath }: PodMount): string {
  const namespace = manifest.metadata.namespace ?? work.namespace;
  const suffix = subPath === undefined || subPath === namespace ? [] : [subPath.replaceAll('/', '-')];
  return ['brightbird', namespace, claim, ...suffix].join('-');
}

function findVolume({ manifest }: RunnerSpec, name: string, path: string): Volume {
  const index = (manifest.spec.volumes ?? []).findIndex((volume) => volume.name === name);
  if (index < 0) throw templateFault(path, `no volume is named ${name}`);
  const parsed = volumeSchema.safeParse(manifest.spec.volumes?.[index]);
  if (parsed.success) return parsed.data;
  throw templateFault(
    `spec.volumes[${index}]`,
    `on Docker the volume ${name} must be a persistentVolumeClaim, an emptyDir on disk or a hostPath`,
  );
}
