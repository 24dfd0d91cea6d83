import type { Collection, Filter } from 'mongodb';
import type { Job } from '../../model/job.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import { createCodec } from './documents.ts';
import type { JobDocument, TextField } from './job-document.ts';
import { findPage } from './paging.ts';
import { createTaskNumbers } from './task-numbers.ts';
import { createUniqueNameGuard } from './unique-name.ts';

const notDeleting: Filter<JobDocument> = { deleting: { $ne: true } };

const { toStored, fromStored, toFields } = createCodec<Job, TextField>(['versions', 'globalProperties']);
const toJob = ({ taken: _, ...stored }: JobDocument): Job => fromStored(stored);
const guardName = createUniqueNameGuard('job');

/** Maximum number of stored events of a job. */
const maxEvents = 20;
/** Fields that only the system writes, never an edit. */
const systemFields = ['execCount', 'pause', 'events', 'deleting', 'createdAt'] as const;
/** Fields that an edit removes by leaving them out. */
const optionalFields = [
  'cronExpression',
  'timezone',
  'jitterSeconds',
  'catchUpSeconds',
  'prMergedEventMatches',
  'tagCreateEventMatches',
] as const;

export function createJobStore(collection: Collection<JobDocument>): JobStore {
  const takeNumber = createTaskNumbers(collection);
  return {
    async insert(job) {
      await guardName(job.name, collection.insertOne(toStored(job)));
    },
    async replace(job) {
      const { id, ...fields } = job;
      const edited = Object.entries(fields).filter(([name]) => !(systemFields as readonly string[]).includes(name));
      const removed = optionalFields.filter((name) => job[name] === undefined);
      const update = {
        $set: toFields(Object.fromEntries(edited)),
        ...(removed.length > 0 && { $unset: Object.fromEntries(removed.map((name) => [name, true as const])) }),
      };
      return (
        (await guardName(job.name, collection.updateOne({ _id: id, ...notDeleting }, update as never))).matchedCount ===
        1
      );
    },
    async all(types) {
      const wanted = types ? { ...notDeleting, jobType: { $in: [...types] } } : notDeleting;
      return (await collection.find(wanted).toArray()).map(toJob);
    },
    async setPause(id, pause) {
      await collection.updateOne({ _id: id }, pause ? { $set: { pause } } : { $unset: { pause: true } });
    },
    async setVersions(id, versions) {
      // The field is one text: read, merged, and written only if it has not changed meanwhile.
      for (;;) {
        const stored = await collection.findOne({ _id: id }, { projection: { versions: 1 } });
        if (!stored) return;
        const merged = JSON.stringify({ ...JSON.parse(stored.versions), ...versions });
        const { matchedCount } = await collection.updateOne(
          { _id: id, versions: stored.versions },
          { $set: { versions: merged } },
        );
        if (matchedCount === 1) return;
      }
    },
    async addEvent(id, event) {
      await collection.updateOne({ _id: id }, { $push: { events: { $each: [event], $slice: -maxEvents } } });
    },
    async markDeleting(id) {
      // Frees its name for another job at once.
      const update = { $set: { deleting: true, name: `${id} (being deleted)` } };
      return (await collection.updateOne({ _id: id }, update)).matchedCount === 1;
    },
    async get(id) {
      const stored = await collection.findOne({ _id: id, ...notDeleting });
      return stored ? toJob(stored) : undefined;
    },
    async list(request) {
      const { items, ...more } = await findPage(collection, notDeleting, request);
      return { items: items.map(toJob), ...more };
    },
    async deleting() {
      const found = await collection.find({ deleting: true }, { projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => _id);
    },
    async delete(id) {
      return (await collection.deleteOne({ _id: id })).deletedCount === 1;
    },
    async takeNumber(id, request) {
      return takeNumber(id)(request);
    },
    async countRun(id, number) {
      await collection.updateOne({ _id: id }, { $max: { execCount: number } });
    },
  };
}
