import type Docker from 'dockerode';
import type { RunnerRef } from '../../model/engine/runtime.ts';
import { normalizeTimestamp } from '../../model/engine/timestamps.ts';
import { Fault } from '../../model/fault.ts';
import { isGone, isNotModified } from './engine-errors.ts';

/**
 * Implements Runtime.restart. Throws runner_vanished when the runner no longer exists. Compares the newest FinishedAt
 * to see whether it was started since: the engine's StartedAt can be later than the FinishedAt of the same short life
 * (ran).
 */
export async function restartRunner(docker: Docker, { name, uid }: RunnerRef, finishedAt: string): Promise<void> {
  const container = docker.getContainer(uid);
  try {
    const { State } = await container.inspect();
    if (State.Running || normalizeTimestamp(State.FinishedAt) !== normalizeTimestamp(finishedAt)) return;
    await container.start();
  } catch (error) {
    if (isNotModified(error)) return;
    if (isGone(error)) throw new Fault('runner_vanished', `the container ${name} no longer exists`);
    throw error;
  }
}
