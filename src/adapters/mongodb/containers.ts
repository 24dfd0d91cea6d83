import { createHash } from 'node:crypto';
import type { Collection, Db, Filter } from 'mongodb';
import type { TaskContainer } from '../../model/container.ts';
import type { ContainerStore } from '../../model/ports/containers.ts';
import { isDuplicate } from './documents.ts';

/** Containers of a task by a hash of their streams, each with its newest known timestamp. */
interface ContainersDocument {
  _id: string;
  containers: Record<string, TaskContainer & { seen: string }>;
}

/** Creates a store with one document per task, which is found and deleted by its id. */
export function createContainerStore(db: Db): ContainerStore {
  const collection: Collection<ContainersDocument> = db.collection('containers', { ignoreUndefined: true });
  return {
    async put(taskId, container) {
      const field = `containers.${createHash('sha256').update(container.streamId).digest('hex').slice(0, 32)}`;
      // Timestamps with nine digits, compared as texts: an older state is not written.
      const seen = container.finishedAt ?? container.startedAt ?? '';
      const older = { $or: [{ [`${field}.seen`]: { $exists: false } }, { [`${field}.seen`]: { $lte: seen } }] };
      const filter = { _id: taskId, ...older } as Filter<ContainersDocument>;
      const update = { $set: { [field]: { ...container, seen } } };
      if ((await collection.updateOne(filter, update)).matchedCount === 1) return;
      try {
        await collection.updateOne(filter, update, { upsert: true });
      } catch (error) {
        // Another container of the task has just created the document, or a newer state was written.
        if (!isDuplicate(error)) throw error;
        await collection.updateOne(filter, update);
      }
    },
    async list(taskId) {
      const found = Object.values((await collection.findOne({ _id: taskId }))?.containers ?? {});
      return found.map(({ seen: _seen, ...container }) => container);
    },
    async delete(taskId) {
      await collection.deleteOne({ _id: taskId });
    },
  };
}
