import type { Collection, Filter } from 'mongodb';
import type { Build, BuildState } from '../../model/build.ts';
import type { BuildStore } from '../../model/ports/builds.ts';
import { findPage } from './paging.ts';
import { upsert } from './upsert.ts';

/** Stored build. `epoch` is that of the newest projection, 0 until a run begins. */
export type BuildDocument = Omit<Build, 'id'> & { _id: string; epoch: number };

const ended: BuildState[] = ['success', 'error'];

export function createBuildStore(builds: Collection<BuildDocument>): BuildStore {
  return {
    async join({ id, image, repo, commit }, taskId) {
      const first = { image, repo, commit, state: 'waiting', runId: '', epoch: 0, createdAt: new Date() } as const;
      await upsert(builds, id, { $setOnInsert: first, $addToSet: { taskIds: taskId } });
    },
    async begin(id, runId) {
      await builds.updateOne(
        { _id: id, runId: { $ne: runId } },
        {
          $set: { state: 'waiting', runId, epoch: 1, createdAt: new Date() },
          $unset: {
            logsRemovedAt: true,
            startedAt: true,
            finishedAt: true,
            durationMs: true,
            error: true,
            digest: true,
          },
        },
      );
    },
    async project(id, { runId, epoch }, patch) {
      const mine: Filter<BuildDocument> = { _id: id, runId, epoch: { $lt: epoch } };
      return (await builds.updateOne(mine, { $set: { ...patch, epoch } })).matchedCount === 1;
    },
    async markFound(id) {
      await builds.updateOne({ _id: id, epoch: 0 }, { $set: { state: 'success', finishedAt: new Date() } });
    },
    async get(id) {
      const stored = await builds.findOne({ _id: id });
      return stored ? toBuild(stored) : undefined;
    },
    async list({ state }, request) {
      const { items, ...more } = await findPage(builds, state === undefined ? {} : { state }, request);
      return { items: items.map(toBuild), ...more };
    },
    async unsettled() {
      return (await builds.find({ state: { $nin: ended } }).toArray()).map(toBuild);
    },
    async onlyOf(taskId) {
      const found = await builds.find({ taskIds: [taskId], state: { $in: ended } }).toArray();
      return found.map(({ _id }) => _id);
    },
    async delete(id, taskId) {
      await builds.deleteOne({ _id: id, taskIds: [taskId] });
    },
    async withLogs(before, limit) {
      const old = { state: { $in: ended }, finishedAt: { $lt: before }, logsRemovedAt: { $exists: false } };
      return (await builds.find(old).limit(limit).toArray()).map(toBuild);
    },
    async markLogsRemoved(id, runId, at) {
      await builds.updateOne({ _id: id, runId }, { $set: { logsRemovedAt: at } });
    },
    async unused(before, limit) {
      const old = { state: { $in: ended }, finishedAt: { $lt: before }, taskIds: { $size: 0 } };
      return (await builds.find(old).limit(limit).toArray()).map(({ _id }) => _id);
    },
    async deleteUnused(id) {
      await builds.deleteOne({ _id: id, state: { $in: ended }, taskIds: { $size: 0 } });
    },
    async forgetTask(taskId) {
      await builds.updateMany({ taskIds: taskId }, { $pull: { taskIds: taskId } });
    },
  };
}

function toBuild({ _id, epoch: _epoch, ...stored }: BuildDocument): Build {
  return { id: _id, ...stored };
}
