import { Fault } from '../../model/fault.ts';

/** Returns the record of a task or build if its logs are retained. Throws `gone` once they are removed. */
export function requireLogsRetained<T extends { id: string; logsRemovedAt?: Date }>(
  record: T,
  kind: 'task' | 'build',
): T {
  const { id, logsRemovedAt } = record;
  if (logsRemovedAt === undefined) return record;
  throw new Fault('gone', `the logs of ${kind} ${id} were removed at ${logsRemovedAt.toISOString()}`, {
    hint: 'logs are kept for LOG_RETENTION_DAYS; the record with its result is still available',
  });
}
