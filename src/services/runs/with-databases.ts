import type { Logger } from 'pino';
import type { MarkedObject, Runtime } from '../../model/engine/runtime.ts';
import { Fault } from '../../model/fault.ts';
import { mysqlFile } from '../../model/mysql-template.ts';
import type { TestDatabases } from '../../model/ports/test-databases.ts';
import { labelNames } from '../../model/run.ts';

/**
 * A runtime whose runs have databases: they are there before the runner is, they go after all else has gone, and the
 * janitor sees them as it sees other objects. `objects` stays what the engine has.
 */
export function withDatabases(runtime: Runtime, databases: TestDatabases, log: Pick<Logger, 'warn'>): Runtime {
  return {
    ...runtime,

    async createRunner(spec, signal, onWaits) {
      const { testId, taskId, runId, installation } = spec;
      const removeOthers = async (): Promise<void> => {
        const of = (await runtime.everything()).filter(({ labels }) => labels[labelNames.testId] === testId);
        const others = new Set(of.flatMap((one) => (one.runId && one.runId !== runId ? [one.runId] : [])));
        // Components of an earlier run would hold on to its databases, or make them again.
        for (const other of others) await removeRun(runtime, { testId, runId: other }, signal);
      };
      const access = await databases.prepare({ testId, taskId, runId, installation }, removeOthers, signal);
      const secrets = { ...spec.secrets, [mysqlFile]: JSON.stringify(access) };
      return runtime.createRunner({ ...spec, secrets }, signal, onWaits);
    },

    async cleanup(scope, signal) {
      const debts = await runtime.cleanup(scope, signal);
      return [...debts, ...(await databases.drop(scope, signal))];
    },

    async everything() {
      const objects = await runtime.everything();
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
        // What the engine has is looked after all the same; the databases wait for the next look.
        log.warn({ why: error.message }, 'the databases of tests cannot be listed');
        return objects;
      }
    },
  };
}

async function removeRun(runtime: Runtime, scope: { testId: string; runId: string }, signal: AbortSignal) {
  const [debt] = await runtime.cleanup(scope, signal);
  if (!debt) return;
  const message = `${debt.kind} ${debt.name} of an earlier run cannot be removed: ${debt.reason}`;
  throw new Fault('engine_unavailable', message);
}
