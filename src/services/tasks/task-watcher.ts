import { EventEmitter, once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { BuildState } from '../../model/build.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import { isFinal, type TaskState } from '../../model/task-state.ts';

export interface WatchPorts {
  /** Whose log it is, a task's or a build's: of interest is only whether it has ended. */
  tasks: { get(id: string): Promise<{ state: TaskState | BuildState } | undefined> };
  logs: LogStore;
  log: Logger;
}

/** One listener's view of a task that is being watched. */
export interface TaskWatch {
  /** Raised with every change of the task's log, and when it is settled. */
  version(): number;
  /** The task has ended or is gone; all of its log is stored. */
  settled(): boolean;
  /** Settles when the version is another one than that, or when the listener is gone. */
  changedSince(version: number, signal: AbortSignal): Promise<void>;
  leave(): void;
}

export interface TaskWatcher {
  watch(taskId: string): TaskWatch;
}

/** Watches tasks in MongoDB: one poller a task however many listen, only while somebody listens, each `pause` ms. */
export function createTaskWatcher(ports: WatchPorts, pause = 300): TaskWatcher {
  const pollers = new Map<string, Poller>();
  return {
    watch(taskId) {
      const poller = pollers.get(taskId) ?? new Poller(ports, taskId, pause);
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
  readonly #pause: number;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #stopped = new AbortController();
  /** Number of the next chunk, by stream. */
  readonly #next = new Map<string, number>();
  #listeners = 0;

  constructor(ports: WatchPorts, taskId: string, pause: number) {
    this.#ports = ports;
    this.#taskId = taskId;
    this.#pause = pause;
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
        if (await this.#look()) {
          this.version += 1;
          this.#changes.emit('change');
        }
      } catch (error) {
        this.#ports.log.warn({ task: this.#taskId, err: error }, 'cannot look for new log lines, trying again');
      }
      await setTimeout(this.#pause, undefined, { signal }).catch(() => undefined); // Aborted: the loop ends.
    }
  }

  /**
   * True when there is something new. Chunks are read by exact id: one question a stream while nothing happens. What was
   * found counts only once all questions were answered, as a look that fails tells nobody.
   */
  async #look(): Promise<boolean> {
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
