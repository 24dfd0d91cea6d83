import { type Db, MongoClient } from 'mongodb';
import { Fault } from '../../model/fault.ts';
import type { ArtifactStore } from '../../model/ports/artifacts.ts';
import type { BisectStore } from '../../model/ports/bisects.ts';
import type { BuildStore } from '../../model/ports/builds.ts';
import type { ContainerStore } from '../../model/ports/containers.ts';
import type { CountStore } from '../../model/ports/counts.ts';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import type { FlowStore } from '../../model/ports/flows.ts';
import type { GroupStore } from '../../model/ports/groups.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import type { Lease } from '../../model/ports/lease.ts';
import type { LogStore } from '../../model/ports/logs.ts';
import type { OrphanStore } from '../../model/ports/orphans.ts';
import type { OutputStore } from '../../model/ports/outputs.ts';
import type { LabelStore, PluginStore } from '../../model/ports/plugins.ts';
import type { SiteGlobalStore } from '../../model/ports/site-globals.ts';
import type { StepStore } from '../../model/ports/steps.ts';
import type { TaskStore } from '../../model/ports/tasks.ts';
import type { AnswerDocument, UnclaimedDocument } from './accepted-tasks.ts';
import { createArtifactStore } from './artifacts.ts';
import { type BisectDocument, createBisectStore } from './bisects.ts';
import { type BuildDocument, createBuildStore } from './builds.ts';
import { PendingCalls } from './calls.ts';
import { createContainerStore } from './containers.ts';
import { createCountStore } from './counts.ts';
import { createDeliveryStore } from './deliveries.ts';
import { storeError } from './failures.ts';
import { createFlowStore, type FlowDocument, type RevisionDocument } from './flows.ts';
import { createGroupStore, type GroupDocument } from './groups.ts';
import { ensureInstallationMark } from './installation.ts';
import type { JobDocument } from './job-document.ts';
import { createJobStore } from './jobs.ts';
import { createLease } from './lease.ts';
import { createLogStore } from './logs.ts';
import { migrate } from './migrate.ts';
import { createOrphanStore } from './orphans.ts';
import { createOutputStore } from './outputs.ts';
import { createLabelStore } from './plugin-labels.ts';
import { createPluginStore } from './plugins.ts';
import { createSiteGlobalStore } from './site-globals.ts';
import { createStepStore } from './steps.ts';
import type { TaskDocument } from './task-document.ts';
import { createTaskStore } from './tasks.ts';
import { connectTimeoutMs, watchMonitor } from './watch-monitor.ts';

/** All repositories on one MongoDB. Every method throws `unavailable` when it is unreachable. */
export interface Store {
  groups: GroupStore;
  flows: FlowStore;
  siteGlobals: SiteGlobalStore;
  jobs: JobStore;
  tasks: TaskStore;
  steps: StepStore;
  plugins: PluginStore;
  labels: LabelStore;
  logs: LogStore;
  outputs: OutputStore;
  artifacts: ArtifactStore;
  containers: ContainerStore;
  deliveries: DeliveryStore;
  builds: BuildStore;
  bisects: BisectStore;
  counts: CountStore;
  orphans: OrphanStore;
  /** Lease for the removal of expired records. */
  retentionLease: Lease;
  /** Mark of all objects that the tasks of this database create. */
  installation: string;
  /** Tells whether MongoDB answers within `timeoutMs`. */
  healthy(timeoutMs: number): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Connects to MongoDB and creates missing indexes; the database is that of the URI's path, or `brightbird`. Replaces
 * the connection and calls `onReplaced` when the driver's monitor is stuck. Throws invalid_request for an invalid URI,
 * and unavailable when no server answers within `serverSelectionTimeoutMs`.
 */
export async function connectStore(
  uri: string,
  serverSelectionTimeoutMs = 5000,
  onReplaced: (cause: Error) => void = () => undefined,
): Promise<Store> {
  const calls = new PendingCalls();
  let current = openConnection(uri, serverSelectionTimeoutMs);
  let watching: Disposable | undefined;
  const watch = (): void => {
    watching = watchMonitor(current.client, () => {
      const cause = new Error("a check of the driver's monitor has not ended");
      const before = current.client;
      current = openConnection(uri, serverSelectionTimeoutMs);
      watch();
      calls.endAll(cause);
      onReplaced(cause);
      before.close().catch(() => undefined); // Its pending calls have failed already.
    });
  };
  watch();
  const close = async (): Promise<void> => {
    watching?.[Symbol.dispose]();
    calls.close();
    await current.client.close();
  };
  let installation: string;
  try {
    await current.client.connect();
    await migrate(current.db);
    installation = await ensureInstallationMark(current.db);
  } catch (error) {
    await close();
    throw storeError(error);
  }
  return {
    ...wrapRepositories(() => current.repositories, calls),
    installation,
    async healthy(timeoutMs) {
      try {
        await current.db.command({ ping: 1 }, { timeoutMS: timeoutMs });
        return true;
      } catch {
        return false;
      }
    },
    close,
  };
}

type Repositories = Omit<Store, 'installation' | 'healthy' | 'close'>;

/** Wraps all repositories, so that each call uses the current connection and is tracked by `calls`. */
function wrapRepositories(repositories: () => Repositories, calls: PendingCalls): Repositories {
  const names = Object.keys(repositories()) as (keyof Repositories)[];
  const wrap = (name: keyof Repositories): object =>
    new Proxy(repositories()[name], {
      get(_first, method) {
        const member: unknown = Reflect.get(repositories()[name], method);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          const now = repositories()[name];
          return calls.run(async () => Reflect.get(now, method).apply(now, args));
        };
      },
    });
  return Object.fromEntries(names.map((name) => [name, wrap(name)])) as unknown as Repositories;
}

interface Connection {
  client: MongoClient;
  db: Db;
  repositories: Repositories;
}

function openConnection(uri: string, serverSelectionTimeoutMs: number): Connection {
  const client = createClient(uri, serverSelectionTimeoutMs);
  const db = client.db(databaseName(uri) ?? 'brightbird');
  return { client, db, repositories: createRepositories(db) };
}

function createRepositories(db: Db): Repositories {
  const steps = createStepStore(db);
  return {
    groups: createGroupStore(db.collection<GroupDocument>('groups')),
    flows: createFlowStore(db.collection<FlowDocument>('testflows'), db.collection<RevisionDocument>('flowRevisions')),
    siteGlobals: createSiteGlobalStore(db),
    jobs: createJobStore(db.collection<JobDocument>('jobs')),
    tasks: createTaskStore(
      {
        tasks: db.collection<TaskDocument>('tasks'),
        unclaimed: db.collection<UnclaimedDocument>('unclaimedTasks'),
        answers: db.collection<AnswerDocument>('runAnswers'),
      },
      steps,
    ),
    steps,
    plugins: createPluginStore(db),
    labels: createLabelStore(db),
    logs: createLogStore(db),
    outputs: createOutputStore(db),
    artifacts: createArtifactStore(db),
    containers: createContainerStore(db),
    deliveries: createDeliveryStore(db),
    bisects: createBisectStore(db.collection<BisectDocument>('bisects')),
    builds: createBuildStore(db.collection<BuildDocument>('builds')),
    counts: createCountStore(db),
    orphans: createOrphanStore(db),
    retentionLease: createLease(db, 'retention'),
  };
}

function createClient(uri: string, serverSelectionTimeoutMs: number): MongoClient {
  try {
    return new MongoClient(uri, {
      serverSelectionTimeoutMS: serverSelectionTimeoutMs,
      connectTimeoutMS: connectTimeoutMs,
      ignoreUndefined: true,
    });
  } catch {
    // The driver's own message repeats the URI with its password.
    throw new Fault('invalid_request', 'MONGODB_URI is not a valid MongoDB connection string', {
      hint: 'write it as mongodb://[user:password@]host[:port][,…]/database[?options]',
    });
  }
}

/** Returns the path of a connection string; not by `URL`, which refuses a list of hosts. */
function databaseName(uri: string): string | undefined {
  const path = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1];
  return path && decodeURIComponent(path);
}
