import type Docker from 'dockerode';
import { annotationNames, labelNames } from '../../model/run.ts';
import type { RunObject } from '../runtime.ts';

/** Containers, networks and volumes that BrightBird made for a task; with `runId`, only what that Temporal run made. */
export async function listObjects(
  docker: Docker,
  { testId, runId }: { testId: string; runId?: string },
  signal?: AbortSignal,
): Promise<RunObject[]> {
  const run = runId === undefined ? annotationNames.run : `${annotationNames.run}=${runId}`;
  return listLabelled(docker, [`${labelNames.testId}=${testId}`, run], signal);
}

/** The testIds of all tasks that the engine has something of. */
export async function listTestIds(docker: Docker): Promise<string[]> {
  const objects = await listLabelled(docker, [labelNames.testId, annotationNames.run]);
  return [...new Set(objects.map(({ labels }) => labels[labelNames.testId] ?? ''))];
}

async function listLabelled(docker: Docker, label: string[], signal?: AbortSignal): Promise<RunObject[]> {
  const options = { filters: { label }, ...(signal && { abortSignal: signal }) };
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ ...options, all: true }),
    docker.listNetworks({ ...options }),
    docker.listVolumes({ ...options }),
  ]);
  return [
    ...containers.map(({ Id, Names, Labels }) => object('container', Names[0]?.slice(1) ?? Id, Id, Labels)),
    ...networks.map(({ Id, Name, Labels }) => object('network', Name, Id, Labels ?? {})),
    ...(volumes ?? []).map(({ Name, Labels }) => object('volume', Name, Name, Labels ?? {})),
  ];
}

function object(kind: string, name: string, uid: string, labels: Record<string, string>): RunObject {
  return { kind, name, uid, labels };
}
