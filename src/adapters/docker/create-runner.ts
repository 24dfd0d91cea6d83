import type { Container, ContainerCreateOptions } from 'dockerode';
import { runLabels } from '../../model/engine/labels.ts';
import type { RunnerRef, RunnerSpec, RunObject } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { annotationNames, labelNames, runnerName } from '../../model/run.ts';
import type { OnWaits } from '../../model/waiting.ts';
import { adopt } from './adopt.ts';
import { removeAll } from './cleanup.ts';
import { containerOptions } from './container-options.ts';
import type { Engine } from './engine.ts';
import { answerOf, isConflict, isGone, isUnchanged, statusOf } from './engine-errors.ts';
import { ensureNetwork, networkName } from './networks.ts';
import { listObjects } from './objects.ts';
import { pullImage } from './pull-image.ts';
import { upload } from './upload.ts';

const tries = 10;

/**
 * See Runtime.createRunner. The container's name is the lock: whoever creates it brings the network and the files and starts
 * it, all others adopt it. A call that is aborted leaves no request under way, so a cleanup afterwards finds everything.
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
  for (let count = 0; count < tries; count += 1) {
    signal.throwIfAborted();
    const found = await listObjects(engine.docker, { testId: spec.testId });
    const own = found.find((object) => object.kind === 'container' && object.name === name && !isStale(spec, object));
    if (found.some((object) => isStale(spec, object))) await removeStale(engine, spec, signal);
    const uid = own ? await adopt(engine, own.uid, signal) : await make({ ...engine, onPull }, spec, options, signal);
    if (uid !== undefined) return { name, uid };
  }
  throw new Fault(
    'unavailable',
    `${name} was taken or removed by somebody else ${tries} times while it was being made`,
  );
}

/** Of another Temporal run of the same task: one that was reset, terminated or retried. */
function isStale({ runId }: RunnerSpec, { labels }: RunObject): boolean {
  return labels[annotationNames.run] !== runId;
}

async function removeStale({ docker }: Engine, spec: RunnerSpec, signal: AbortSignal): Promise<void> {
  const list = async () => (await listObjects(docker, { testId: spec.testId })).filter((one) => isStale(spec, one));
  const [debt] = await removeAll(docker, list, signal);
  if (!debt) return;
  const message = `${debt.kind} ${debt.name} of an earlier run cannot be removed: ${debt.reason}`;
  throw new Fault('engine_unavailable', message);
}

/** The id of the started container, or undefined when its name is taken. */
async function make(
  engine: Engine,
  spec: RunnerSpec,
  options: ContainerCreateOptions & { Image: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const container = await create(engine, spec, options, signal);
  if (!container) return undefined;
  const network = spec.deploys ? { network: networkName(spec) } : {};
  const runtime = { kind: 'docker' as const, ...network, labels: runLabels(spec, 'component') };
  // Settled, not all: nothing of this call may go on after it has failed.
  const prepared = await Promise.allSettled([
    upload(container, { ...spec.work, runtime }, spec),
    spec.deploys && ensureNetwork(engine.docker, spec),
  ]);
  const failed = prepared.find((result) => result.status === 'rejected');
  if (failed) throw startFault(options.name, failed.reason);
  signal.throwIfAborted();
  try {
    await container.start();
  } catch (error) {
    if (!isUnchanged(error)) throw startFault(options.name, error);
  }
  return container.id;
}

async function create(
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
      if (pulled || !isGone(error) || !/image/i.test(answerOf(error))) throw error;
      await pullImage(engine, options.Image, signal);
      signal.throwIfAborted();
    }
  }
}

/** A container of this task that holds the name is dealt with by the next look; one of anybody else never is. */
async function checkNameIsOurs({ docker }: Engine, spec: RunnerSpec): Promise<undefined> {
  const name = runnerName(spec);
  try {
    const { Labels } = (await docker.getContainer(name).inspect()).Config;
    if (Labels[annotationNames.run] !== undefined && Labels[labelNames.testId] === spec.testId) return;
  } catch (error) {
    if (isGone(error)) return;
    throw error;
  }
  throw new Fault('conflict', `the engine has a container named ${name} that BrightBird did not make`, {
    hint: `remove it: docker rm -f ${name}`,
  });
}

function refusedByEngine(name: string | undefined, cause: unknown): Fault {
  return new Fault('template_invalid', `${name} cannot be started: ${answerOf(cause)}`, {
    hint: 'change image, command, args, volumes or resources in the template of the runner',
    cause,
  });
}

function startFault(name: string | undefined, cause: unknown): unknown {
  if (statusOf(cause) === 400) return refusedByEngine(name, cause);
  if (!isGone(cause)) return cause;
  return new Fault('unavailable', `${name} was removed while it was being made: ${answerOf(cause)}`, { cause });
}
