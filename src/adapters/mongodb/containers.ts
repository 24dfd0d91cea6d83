import { createHash } from 'node:crypto';
import type { Collection, Db, Filter } from 'mongodb';
import type { TaskContainer } from '../../model/container.ts';
import type { ContainerStore } from '../../model/ports/containers.ts';
import { isDuplicate } from './documents.ts';

/** The containers of one task by a hash of their streams, each with the newest stamp that it was seen with. */
interface ContainersDocument {
  _id: string;
  containers: Record<string, TaskContainer & { seen: string }>;
}

/** One document a task, so that it is found, and deleted, by its id. */
export function createContainerStore(db: Db): ContainerStore {
  const collection: Collection<ContainersDocument> = db.collection('containers', { ignoreUndefined: true });
  return {
    async put(taskId, container) {
      const place = `containers.${createHash('sha256').update(container.streamId).digest('hex').slice(0, 32)}`;
      // Stamps of one container, all with nine digits: whoever saw less loses.
      const seen = container.finishedAt ?? container.startedAt ?? '';
      const older = { $or: [{ [`${place}.seen`]: { $exists: false } }, { [`${place}.seen`]: { $lte: seen } }] };
      const filter = { _id: taskId, ...older } as Filter<ContainersDocument>;
      const update = { $set: { [place]: { ...container, seen } } };
      if ((await collection.updateOne(filter, update)).matchedCount === 1) return;
      try {
        await collection.updateOne(filter, update, { upsert: true });
      } catch (error) {
        // Another container of the task made the document this moment, or this one was seen later.
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
