import type Docker from 'dockerode';
import { runLabels } from '../../model/engine/labels.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames, type RunIdentity } from '../../model/run.ts';
import { isConflict, messageOf } from './engine-errors.ts';

/** Subnets for 1,024 networks of 61 hosts: the engine's own pools are exhausted after about 30 networks. */
const [pool, prefix, size, count] = ['10.213', 26, 64, 1024];
const maxTries = 40;

/** Returns the name of a task's network; an attempt in a held environment uses that of the attempt before. */
export function networkName({ testId }: Pick<RunIdentity, 'testId'>): string {
  return `brightbird-${testId}`;
}

/**
 * Creates the run's network in a free subnet, unless it has one. Only the creator of the runner may call it: the engine
 * creates two networks of one name when asked at once, despite CheckDuplicate (ran: five of five).
 */
export async function ensureNetwork(docker: Docker, run: RunIdentity): Promise<void> {
  const name = networkName(run);
  const existing = await docker.listNetworks();
  const same = existing.find((network) => network.Name === name);
  if (same?.Labels?.[annotationNames.run] === run.runId) return;
  if (same) {
    throw new Fault('conflict', `the engine has a network named ${name} that does not belong to this run`, {
      hint: `remove it: docker network rm ${name}`,
    });
  }
  const used = new Set(existing.flatMap((network) => (network.IPAM?.Config ?? []).map((config) => config.Subnet)));
  const start = Number.parseInt(run.testId, 16) % count;
  const free = Array.from({ length: count }, (_, index) => subnet(start + index)).filter((one) => !used.has(one));
  for (const candidate of free.slice(0, maxTries)) {
    if (await createNetwork(docker, run, candidate)) return;
  }
  throw new Fault('unavailable', `no free subnet for ${name} in ${pool}.0.0/16 after ${maxTries} tries`, {
    hint: 'remove unused networks: docker network prune',
  });
}

/** Creates the network. Returns false when another network, maybe a larger one, overlaps the subnet. */
async function createNetwork(docker: Docker, run: RunIdentity, candidate: string): Promise<boolean> {
  try {
    await docker.createNetwork({
      Name: networkName(run),
      CheckDuplicate: true,
      Driver: 'bridge',
      IPAM: { Driver: 'default', Config: [{ Subnet: candidate }] },
      Labels: runLabels(run, 'runner'),
    });
    return true;
  } catch (error) {
    if (isConflict(error)) return true;
    if (/overlap/i.test(messageOf(error))) return false;
    throw error;
  }
}

function subnet(index: number): string {
  const first = (index % count) * size;
  return `${pool}.${Math.floor(first / 256)}.${first % 256}/${prefix}`;
}
