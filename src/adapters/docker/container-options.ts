import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import { runLabels } from '../../model/engine/labels.ts';
import type { PodContainer } from '../../model/engine/manifest.ts';
import { parseBytes, parseNanoCpus } from '../../model/engine/quantity.ts';
import type { RunnerSpec } from '../../model/engine/runtime.ts';
import { isImageReference } from '../../model/image-reference.ts';
import { runnerName } from '../../model/run.ts';
import { logConfig } from './log-config.ts';
import { convertMounts } from './mounts.ts';
import { networkName } from './networks.ts';
import { checkSupported, templateFault } from './supported.ts';

/**
 * Converts the runner's Pod to a container: image, command, args, env, resources, volumes and labels. Throws
 * template_invalid with the place of a field that Docker does not support. The worker restarts it, as the engine's
 * restart policy hides exits.
 */
export function containerOptions(spec: RunnerSpec): ContainerCreateOptions & { Image: string } {
  const { manifest } = spec;
  const container = checkSupported(manifest);
  const { image } = container;
  if (!image) throw templateFault('spec.containers[0].image', 'the runner has no image');
  if (!isImageReference(image)) {
    throw templateFault('spec.containers[0].image', `${JSON.stringify(image)} is not a valid image name`);
  }
  const env = readEnvironment(container);
  const { terminationGracePeriodSeconds: stopTimeout } = manifest.spec;
  const expanded = (texts: readonly string[]): string[] => texts.map((text) => expand(text, env));
  return {
    name: runnerName(spec),
    Image: image,
    ...(container.command && { Entrypoint: expanded(container.command) }),
    ...(container.args && { Cmd: expanded(container.args) }),
    ...(container.workingDir && { WorkingDir: container.workingDir }),
    Env: [...env].map(([name, value]) => `${name}=${value}`),
    Labels: { ...manifest.metadata.labels, ...runLabels(spec, 'runner') },
    // Overrides the image: Kubernetes stops containers with SIGTERM by default.
    StopSignal: 'SIGTERM',
    ...(stopTimeout !== undefined && { StopTimeout: stopTimeout }),
    HostConfig: {
      // No init process, as in a Pod: with one, a missing program would look like a crash of the runner.
      Init: false,
      Mounts: convertMounts(spec, container),
      ...resourceLimits(container),
      NetworkMode: spec.deploys ? networkName(spec) : 'bridge',
      LogConfig: logConfig,
    },
  };
}

function readEnvironment({ env }: PodContainer): Map<string, string> {
  const found = new Map<string, string>();
  for (const [index, { name, value, valueFrom }] of (env ?? []).entries()) {
    if (valueFrom !== undefined) {
      throw templateFault(
        `spec.containers[0].env[${index}]`,
        `on Docker ${name} needs a value, valueFrom is not supported`,
      );
    }
    found.set(name, expand(value ?? '', found));
  }
  return found;
}

/** Replaces `$(NAME)` by the variable's value and `$$` by `$`, as Kubernetes does in a Container (v1). */
function expand(text: string, env: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\$|\$\(([^()]+)\)/g, (whole, name?: string) =>
    name === undefined ? '$' : (env.get(name) ?? whole),
  );
}

function resourceLimits({ resources }: PodContainer): HostConfig {
  const path = 'spec.containers[0].resources.limits';
  const { memory, cpu, ...others } = resources?.limits ?? {};
  const [other] = Object.keys(others);
  if (other) throw templateFault(`${path}.${other}`, `on Docker only cpu and memory can be limited, not ${other}`);
  const limit = memory === undefined ? undefined : parseBytes(memory, `${path}.memory`);
  return {
    // Equal values leave no swap beyond the limit.
    Memory: limit,
    MemorySwap: limit,
    ...(cpu !== undefined && { NanoCpus: parseNanoCpus(cpu, `${path}.cpu`) }),
  };
}
