import { Fault } from '../../model/fault.ts';

/** The record of a task or build whose logs are there. Throws `gone` once they are removed, as an empty log would not be true. */
export function kept<T extends { id: string; logsRemovedAt?: Date }>(record: T, kind: 'task' | 'build'): T {
  const { id, logsRemovedAt } = record;
  if (logsRemovedAt === undefined) return record;
  throw new Fault('gone', `the logs of ${kind} ${id} were removed at ${logsRemovedAt.toISOString()}`, {
    hint: 'they are kept for LOG_RETENTION_DAYS; what ran, and how it ended, is still on record',
  });
}
