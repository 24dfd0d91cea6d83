import type { Logger } from 'pino';
import { fetchAll } from './fetch-mirror.ts';
import { kindOf, repositoryFault } from './git-failure.ts';
import { discard, isSound, type Mirror } from './mirror.ts';
import { removeStaleLocks } from './stale-locks.ts';

/** A mirror can need two: locks of a killed git removed, and then, as it left more behind, a new clone. */
const remedies = 2;

/**
 * Brings the mirror to the repository's state, and repairs or replaces a broken one on the way.
 * Faults: repository_not_found, repository_refused, repository_unavailable.
 */
export async function updateRepo(mirror: Mirror, log: Logger, signal: AbortSignal): Promise<void> {
  const repo = mirror.repository.url;
  const started = performance.now();
  for (let tried = 0; ; tried += 1) {
    try {
      await fetchAll(mirror, signal);
      break;
    } catch (error) {
      signal.throwIfAborted();
      if (tried === remedies || !(await remedy(mirror, error, log, signal))) throw repositoryFault(repo, error);
    }
  }
  log.info({ repo, durationMs: Math.round(performance.now() - started) }, `update repo ${repo} to latest`);
}

/** True when something was done about the failure, so that another try may go well. */
async function remedy(mirror: Mirror, error: unknown, log: Logger, signal: AbortSignal): Promise<boolean> {
  const kind = kindOf(error);
  if (kind !== 'locked' && kind !== 'unknown') return false;
  const repo = mirror.repository.url;
  const removed = await removeStaleLocks(mirror.gitDir, signal);
  if (removed > 0) {
    log.warn({ repo, removed }, 'removed locks that a killed git left');
    return true;
  }
  if (await isSound(mirror, signal)) return kind === 'locked';
  log.warn({ repo }, 'the mirror is broken and is cloned anew');
  await discard(mirror);
  return true;
}
