import type { Container, ContainerCreateOptions } from 'dockerode';
import { runLabels } from '../../model/engine/labels.ts';
import type { RunnerRef, RunnerSpec, RunObject } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames, labelNames, runnerName } from '../../model/run.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { adoptRunner } from './adopt.ts';
import { removeObjects } from './cleanup.ts';
import { containerOptions } from './container-options.ts';
import type { Engine } from './engine.ts';
import { isConflict, isGone, isNotModified, messageOf, statusOf } from './engine-errors.ts';
import { ensureNetwork, networkName } from './networks.ts';
import { listObjects } from './objects.ts';
import { pullImage } from './pull-image.ts';
import { uploadWork } from './upload.ts';

const maxTries = 10;

/**
 * Implements Runtime.createRunner. The container's name is the lock: its creator adds network and files and starts it,
 * all other callers adopt it. An aborted call leaves no request under way, so a later cleanup finds everything.
 */
export async function createRunner(
  engine: Engine,
  spec: RunnerSpec,
  signal: AbortSignal,
  onWaits?: OnWaits,
): Promise<RunnerRef> {
  const options = containerOptions(spec);
  const onPull = (): void => {
    const pod = { name: runnerName(spec), role: 'runner' as const };
    onWaits?.([{ reason: 'image_pull', message: `the engine pulls image ${options.Image}`, source: 'runner', pod }]);
  };
  const name = runnerName(spec);
  for (let count = 0; count < maxTries; count += 1) {
    signal.throwIfAborted();
    const found = await listObjects(engine.docker, { testId: spec.testId });
    const own = found.find((object) => object.kind === 'container' && object.name === name && !isStale(spec, object));
    if (found.some((object) => isStale(spec, object))) await removeStale(engine, spec, signal);
    const uid = own
      ? await adoptRunner(engine, own.uid, signal)
      : await createAndStart({ ...engine, onPull }, spec, options, signal);
    if (uid !== undefined) return { name, uid };
  }
  throw new Fault(
    'unavailable',
    `cannot create ${name}: it was created or removed by another program ${maxTries} times in between`,
  );
}

/** Tells whether the object belongs to another Temporal run of the task, which was reset, terminated or retried. */
function isStale({ runId }: RunnerSpec, { labels }: RunObject): boolean {
  return labels[annotationNames.run] !== runId;
}

async function removeStale({ docker }: Engine, spec: RunnerSpec, signal: AbortSignal): Promise<void> {
  const list = async () => (await listObjects(docker, { testId: spec.testId })).filter((one) => isStale(spec, one));
  const [leftover] = await removeObjects(docker, list, signal);
  if (!leftover) return;
  const message = `${leftover.kind} ${leftover.name} of an earlier run cannot be removed: ${leftover.reason}`;
  throw new Fault('engine_unavailable', message);
}

/** Returns the id of the started container, or undefined when its name is taken. */
async function createAndStart(
  engine: Engine,
  spec: RunnerSpec,
  options: ContainerCreateOptions & { Image: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const container = await createContainer(engine, spec, options, signal);
  if (!container) return undefined;
  const network = spec.deploys ? { network: networkName(spec) } : {};
  const runtime = { kind: 'docker' as const, ...network, labels: runLabels(spec, 'component') };
  // allSettled, as no part of this call may continue after it has failed.
  const prepared = await Promise.allSettled([
    uploadWork(container, { ...spec.work, runtime }, spec),
    spec.deploys && ensureNetwork(engine.docker, spec),
  ]);
  const failed = prepared.find((result) => result.status === 'rejected');
  if (failed) throw startFault(options.name, failed.reason);
  signal.throwIfAborted();
  try {
    await container.start();
  } catch (error) {
    if (!isNotModified(error)) throw startFault(options.name, error);
  }
  return container.id;
}

async function createContainer(
  engine: Engine,
  spec: RunnerSpec,
  options: ContainerCreateOptions & { Image: string },
  signal: AbortSignal,
): Promise<Container | undefined> {
  for (let pulled = false; ; pulled = true) {
    try {
      return await engine.docker.createContainer(options);
    } catch (error) {
      if (isConflict(error)) return await checkNameIsOurs(engine, spec);
      if (statusOf(error) === 400) throw refusedByEngine(options.name, error);
      if (pulled || !isGone(error) || !/image/i.test(messageOf(error))) throw error;
      await pullImage(engine, options.Image, signal);
      signal.throwIfAborted();
    }
  }
}

/** Throws conflict when the name belongs to a container outside this task; the next try handles one of this task. */
async function checkNameIsOurs({ docker }: Engine, spec: RunnerSpec): Promise<undefined> {
  const name = runnerName(spec);
  try {
    const { Labels } = (await docker.getContainer(name).inspect()).Config;
    if (Labels[annotationNames.run] !== undefined && Labels[labelNames.testId] === spec.testId) return;
  } catch (error) {
    if (isGone(error)) return;
    throw error;
  }
  throw new Fault('conflict', `the engine has a container named ${name} that BrightBird did not create`, {
    hint: `remove it: docker rm -f ${name}`,
  });
}

function refusedByEngine(name: string | undefined, cause: unknown): Fault {
  return new Fault('template_invalid', `${name} cannot be started: ${messageOf(cause)}`, {
    hint: 'change image, command, args, volumes or resources in the runner template',
    cause,
  });
}

function startFault(name: string | undefined, cause: unknown): unknown {
  if (statusOf(cause) === 400) return refusedByEngine(name, cause);
  if (!isGone(cause)) return cause;
  return new Fault('unavailable', `${name} was removed while it was being created: ${messageOf(cause)}`, { cause });
}
