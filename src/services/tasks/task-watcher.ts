import { EventEmitter, once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { BuildState } from '../../model/build.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { isFinal, type TaskState } from '../../model/task-state.ts';

export interface WatchPorts {
  /** Store of the tasks or builds that own the logs; only their states are read. */
  tasks: { get(id: string): Promise<{ state: TaskState | BuildState } | undefined> };
  logs: LogStore;
  log: Logger;
}

/** One listener's view of a watched task. */
export interface TaskWatch {
  /** Increases with every change of the task's log, and when the task is settled. */
  version(): number;
  /** True when the task has ended or is deleted; all of its log is stored then. */
  settled(): boolean;
  /** Resolves when the version differs from the given one, or when the signal is aborted. */
  changedSince(version: number, signal: AbortSignal): Promise<void>;
  leave(): void;
}

export interface TaskWatcher {
  watch(taskId: string): TaskWatch;
}

/** Watches tasks in MongoDB. Polls every `pollIntervalMs`, with one poller per task, only while it has listeners. */
export function createTaskWatcher(ports: WatchPorts, pollIntervalMs = 300): TaskWatcher {
  const pollers = new Map<string, Poller>();
  return {
    watch(taskId) {
      const poller = pollers.get(taskId) ?? new Poller(ports, taskId, pollIntervalMs);
      pollers.set(taskId, poller);
      poller.join();
      return {
        version: () => poller.version,
        settled: () => poller.settled,
        changedSince: (version, signal) => poller.changedSince(version, signal),
        leave() {
          if (poller.leave() === 0) pollers.delete(taskId);
        },
      };
    },
  };
}

class Poller {
  version = 0;
  settled = false;
  readonly #ports: WatchPorts;
  readonly #taskId: string;
  readonly #pollIntervalMs: number;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #stopped = new AbortController();
  /** Number of the next chunk, by stream. */
  readonly #next = new Map<string, number>();
  #listeners = 0;

  constructor(ports: WatchPorts, taskId: string, pollIntervalMs: number) {
    this.#ports = ports;
    this.#taskId = taskId;
    this.#pollIntervalMs = pollIntervalMs;
  }

  join(): void {
    this.#listeners += 1;
    if (this.#listeners === 1) void this.#poll();
  }

  leave(): number {
    this.#listeners -= 1;
    if (this.#listeners === 0) this.#stopped.abort();
    return this.#listeners;
  }

  async changedSince(version: number, signal: AbortSignal): Promise<void> {
    if (this.version !== version || signal.aborted) return;
    await once(this.#changes, 'change', { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted && !this.settled) {
      try {
        if (await this.#checkForNews()) {
          this.version += 1;
          this.#changes.emit('change');
        }
      } catch (error) {
        this.#ports.log.warn({ taskId: this.#taskId, err: error }, 'cannot poll for new log lines; retrying');
      }
      await setTimeout(this.#pollIntervalMs, undefined, { signal }).catch(() => undefined); // Aborted: the loop ends.
    }
  }

  /**
   * Returns true when there is something new. Reads chunks by exact id: one query per stream while nothing happens. The
   * results count only after all queries have succeeded, as a failed poll notifies no listener.
   */
  async #checkForNews(): Promise<boolean> {
    const { tasks, logs } = this.#ports;
    const task = await tasks.get(this.#taskId);
    const settled = !task || isFinal(task.state);
    const news = new Map<string, number>();
    for (const { id } of await logs.streams(this.#taskId)) {
      const next = this.#next.get(id);
      if (next !== undefined && (await logs.read(id, next, 1)).length === 0) continue;
      news.set(id, ((await logs.last(id))?.n ?? -1) + 1);
    }
    for (const [id, next] of news) this.#next.set(id, next);
    this.settled = settled;
    return settled || this.version === 0 || news.size > 0;
  }
}
