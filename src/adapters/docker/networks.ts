import type Docker from 'dockerode';
import { runLabels } from '../../model/engine/labels.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames, type RunIdentity } from '../../model/run.ts';
import { answerOf, isConflict } from './engine-errors.ts';

/** 1,024 networks of 61 hosts: the engine's own pools are used up after some 30 networks. */
const [pool, prefix, size, count] = ['10.213', 26, 64, 1024];
const tries = 40;

/** The network of a task: an attempt in a held environment is in that of the one before. */
export function networkName({ testId }: Pick<RunIdentity, 'testId'>): string {
  return `brightbird-${testId}`;
}

/**
 * Makes the run's network in a free subnet, or takes the one that it has. Only whoever holds the runner's name may call
 * it: the engine lets two networks of one name be made at once, whatever CheckDuplicate says (ran: five of five).
 */
export async function ensureNetwork(docker: Docker, run: RunIdentity): Promise<void> {
  const name = networkName(run);
  const existing = await docker.listNetworks();
  const same = existing.find((network) => network.Name === name);
  if (same?.Labels?.[annotationNames.run] === run.runId) return;
  if (same) {
    throw new Fault('conflict', `the engine has a network named ${name} that is not of this run`, {
      hint: `remove it: docker network rm ${name}`,
    });
  }
  const used = new Set(existing.flatMap((network) => (network.IPAM?.Config ?? []).map((config) => config.Subnet)));
  const start = Number.parseInt(run.testId, 16) % count;
  const free = Array.from({ length: count }, (_, index) => subnet(start + index)).filter((one) => !used.has(one));
  for (const candidate of free.slice(0, tries)) {
    if (await create(docker, run, candidate)) return;
  }
  throw new Fault('unavailable', `no free subnet for ${name} in ${pool}.0.0/16 after ${tries} tries`, {
    hint: 'remove networks that are no longer used: docker network prune',
  });
}

/** False when another network has a part of the subnet: somebody else was quicker, or has a larger one. */
async function create(docker: Docker, run: RunIdentity, candidate: string): Promise<boolean> {
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
    if (/overlap/i.test(answerOf(error))) return false;
    throw error;
  }
}

function subnet(index: number): string {
  const first = (index % count) * size;
  return `${pool}.${Math.floor(first / 256)}.${first % 256}/${prefix}`;
}
