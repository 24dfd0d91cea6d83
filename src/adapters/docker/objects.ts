import type Docker from 'dockerode';
import type { VolumeInspectInfo } from 'dockerode';
import type { MarkedObject, RunObject } from '../../model/engine/runtime.ts';
import { annotationNames, labelNames } from '../../model/run.ts';

/**
 * Lists the containers, networks and volumes that BrightBird created for a task; with `runId`, only those of that
 * Temporal run, with `installation`, only those with its mark.
 */
export async function listObjects(
  docker: Docker,
  { testId, runId, installation }: { testId: string; runId?: string; installation?: string },
  signal?: AbortSignal,
): Promise<RunObject[]> {
  const run = runId === undefined ? annotationNames.run : `${annotationNames.run}=${runId}`;
  const mark = installation === undefined ? [] : [`${labelNames.installation}=${installation}`];
  const found = await listLabelled(docker, [`${labelNames.testId}=${testId}`, run, ...mark], signal);
  return found.map(({ kind, name, uid, labels }) => ({ kind, name, uid, labels }));
}

/** Lists the engine's objects of all tasks. */
export async function listAllObjects(docker: Docker): Promise<MarkedObject[]> {
  return listLabelled(docker, [labelNames.testId, annotationNames.run]);
}

async function listLabelled(docker: Docker, label: string[], signal?: AbortSignal): Promise<MarkedObject[]> {
  const options = { filters: { label }, ...(signal && { abortSignal: signal }) };
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    docker.listContainers({ ...options, all: true }),
    docker.listNetworks({ ...options }),
    docker.listVolumes({ ...options }),
  ]);
  const object = (kind: string, name: string, uid: string, labels: Record<string, string>, createdAt: Date) => ({
    ...{ kind, name, uid, labels, createdAt },
    installation: labels[labelNames.installation],
    taskId: labels[annotationNames.task],
    runId: labels[annotationNames.run],
  });
  return [
    ...containers.map(({ Id, Names, Labels, Created }) =>
      object('container', Names[0]?.slice(1) ?? Id, Id, Labels, new Date(Created * 1000)),
    ),
    ...networks.map(({ Id, Name, Labels, Created }) => object('network', Name, Id, Labels ?? {}, new Date(Created))),
    ...((volumes ?? []) as Volume[]).map(({ Name, Labels, CreatedAt }) =>
      object('volume', Name, Name, Labels ?? {}, new Date(CreatedAt)),
    ),
  ];
}

/** Volume with its creation time, which the types lack (Docker Engine API, Volume). */
type Volume = VolumeInspectInfo & { CreatedAt: string };
