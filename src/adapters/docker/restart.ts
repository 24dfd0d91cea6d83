import type Docker from 'dockerode';
import type { RunnerRef } from '../../model/engine/runtime.ts';
import { comparable } from '../../model/engine/stamps.ts';
import { Fault } from '../../model/fault.ts';
import { isGone, isUnchanged } from './engine-errors.ts';

/**
 * See Runtime.restart. A runner that does not exist any more is the fault runner_vanished. Whether it was started since is
 * told by its newest end: the engine's StartedAt can be later than the FinishedAt of the same, short life (ran).
 */
export async function restart(docker: Docker, { name, uid }: RunnerRef, finishedAt: string): Promise<void> {
  const container = docker.getContainer(uid);
  try {
    const { State } = await container.inspect();
    if (State.Running || comparable(State.FinishedAt) !== comparable(finishedAt)) return;
    await container.start();
  } catch (error) {
    if (isUnchanged(error)) return;
    if (isGone(error)) throw new Fault('runner_vanished', `the container ${name} does not exist any more`);
    throw error;
  }
}
