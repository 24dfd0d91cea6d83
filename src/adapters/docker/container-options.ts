import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import { runLabels } from '../../model/engine/labels.ts';
import type { PodContainer } from '../../model/engine/manifest.ts';
import { bytes, nanoCpus } from '../../model/engine/quantity.ts';
import type { RunnerSpec } from '../../model/engine/runtime.ts';
import { isImageReference } from '../../model/image-reference.ts';
import { runnerName } from '../../model/run.ts';
import { logConfig } from './log-config.ts';
import { mounts } from './mounts.ts';
import { networkName } from './networks.ts';
import { checkSupported, refused } from './supported.ts';

/**
 * The runner's container from its Pod: image, command, args, env, resources, volumes and labels. What a single container
 * cannot be is refused with the place. The engine's restart policy is not used: it hides exits; the worker restarts.
 */
export function containerOptions(spec: RunnerSpec): ContainerCreateOptions & { Image: string } {
  const { manifest } = spec;
  const container = checkSupported(manifest);
  const { image } = container;
  if (!image) throw refused('spec.containers[0].image', 'the runner has no image');
  if (!isImageReference(image)) {
    throw refused('spec.containers[0].image', `${JSON.stringify(image)} is not the name of an image`);
  }
  const env = variables(container);
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
    // Whatever the image says: a runner is asked to end with the signal that Kubernetes uses by default.
    StopSignal: 'SIGTERM',
    ...(stopTimeout !== undefined && { StopTimeout: stopTimeout }),
    HostConfig: {
      // No init process, as in a Pod: with one, a program that does not exist would be a crash of the runner.
      Init: false,
      Mounts: mounts(spec, container),
      ...resources(container),
      NetworkMode: spec.deploys ? networkName(spec) : 'bridge',
      LogConfig: logConfig,
    },
  };
}

function variables({ env }: PodContainer): Map<string, string> {
  const found = new Map<string, string>();
  for (const [index, { name, value, valueFrom }] of (env ?? []).entries()) {
    if (valueFrom !== undefined) {
      throw refused(`spec.containers[0].env[${index}]`, `on Docker the value of ${name} is written out, not valueFrom`);
    }
    found.set(name, expand(value ?? '', found));
  }
  return found;
}

/** `$(NAME)` becomes the variable's value and `$$` a `$`, as in a Pod's command, args and env (Kubernetes, Container v1). */
function expand(text: string, env: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\$|\$\(([^()]+)\)/g, (whole, name?: string) =>
    name === undefined ? '$' : (env.get(name) ?? whole),
  );
}

function resources({ resources }: PodContainer): HostConfig {
  const path = 'spec.containers[0].resources.limits';
  const { memory, cpu, ...others } = resources?.limits ?? {};
  const [other] = Object.keys(others);
  if (other) throw refused(`${path}.${other}`, `on Docker ${other} cannot be limited, only cpu and memory`);
  const limit = memory === undefined ? undefined : bytes(memory, `${path}.memory`);
  return {
    // Equal, so that there is no swap beyond the limit.
    ...(limit !== undefined && { Memory: limit, MemorySwap: limit }),
    ...(cpu !== undefined && { NanoCpus: nanoCpus(cpu, `${path}.cpu`) }),
  };
}
