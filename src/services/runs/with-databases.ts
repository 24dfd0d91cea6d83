import type { Logger } from 'pino';
import type { MarkedObject, Runtime } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { mysqlFile } from '../../model/mysql-template.ts';
import type { TestDatabases } from '../../model/ports/test-databases.ts';
import { labelNames } from '../../model/run.ts';

/**
 * Extends a runtime by databases for its runs: they are created before the runner, dropped after all other objects, and listed
 * for the janitor. `listObjects` still lists the engine's objects only.
 */
export function withDatabases(runtime: Runtime, databases: TestDatabases, log: Pick<Logger, 'warn'>): Runtime {
  return {
    ...runtime,

    async createRunner(spec, signal, onWaits) {
      const { testId, taskId, runId, installation } = spec;
      const removeOthers = async (): Promise<void> => {
        const of = (await runtime.listAllObjects()).filter(({ labels }) => labels[labelNames.testId] === testId);
        const others = new Set(of.flatMap((one) => (one.runId && one.runId !== runId ? [one.runId] : [])));
        // Components of an earlier run may lock its databases, or recreate them.
        for (const other of others) await removeRun(runtime, { testId, runId: other }, signal);
      };
      const access = await databases.prepare({ testId, taskId, runId, installation }, removeOthers, signal);
      const secrets = { ...spec.secrets, [mysqlFile]: JSON.stringify(access) };
      return runtime.createRunner({ ...spec, secrets }, signal, onWaits);
    },

    async cleanup(scope, signal) {
      const undeleted = await runtime.cleanup(scope, signal);
      return [...undeleted, ...(await databases.drop(scope, signal))];
    },

    async listAllObjects() {
      const objects = await runtime.listAllObjects();
      try {
        const found = (await databases.all()).map(
          ({ name, testId, taskId, runId, installation, createdAt }): MarkedObject => ({
            ...{ kind: 'database', name, uid: name, labels: { [labelNames.testId]: testId } },
            ...{ createdAt, installation, taskId, runId },
          }),
        );
        return [...objects, ...found];
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        // The engine's objects are returned anyway; the databases are listed next time.
        log.warn({ reason: error.message }, 'cannot list the test databases');
        return objects;
      }
    },
  };
}

async function removeRun(runtime: Runtime, scope: { testId: string; runId: string }, signal: AbortSignal) {
  const [undeleted] = await runtime.cleanup(scope, signal);
  if (!undeleted) return;
  const message = `${undeleted.kind} ${undeleted.name} of an earlier run cannot be removed: ${undeleted.reason}`;
  throw new Fault('engine_unavailable', message);
}
