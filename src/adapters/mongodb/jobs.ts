import type { Collection, Filter } from 'mongodb';
import type { Job } from '../../model/job.ts';
import type { JobStore } from '../../model/ports/jobs.ts';
import { codec } from './documents.ts';
import type { JobDocument, TextField } from './job-document.ts';
import { page } from './paging.ts';
import { numbersOf } from './task-numbers.ts';
import { uniquelyNamed } from './unique-name.ts';

const living: Filter<JobDocument> = { deleting: { $ne: true } };

const { toStored, fromStored, toFields } = codec<Job, TextField>(['versions', 'globalProperties']);
const toJob = ({ taken: _, ...stored }: JobDocument): Job => fromStored(stored);
const named = uniquelyNamed('job');

/** Events of a job that are kept. */
const keptEvents = 20;
/** What the system writes, never an edit. */
const ownFields = ['execCount', 'pause', 'events', 'deleting', 'createdAt'] as const;
/** What an edit may leave out, and so removes. */
const optionalFields = [
  'cronExpression',
  'timezone',
  'jitterSeconds',
  'catchUpSeconds',
  'prMergedEventMatches',
  'tagCreateEventMatches',
] as const;

export function createJobStore(collection: Collection<JobDocument>): JobStore {
  const takeNumber = numbersOf(collection);
  return {
    async insert(job) {
      await named(job.name, collection.insertOne(toStored(job)));
    },
    async replace(job) {
      const { id, ...fields } = job;
      const edited = Object.entries(fields).filter(([name]) => !(ownFields as readonly string[]).includes(name));
      const removed = optionalFields.filter((name) => job[name] === undefined);
      const update = {
        $set: toFields(Object.fromEntries(edited)),
        ...(removed.length > 0 && { $unset: Object.fromEntries(removed.map((name) => [name, true as const])) }),
      };
      return (await named(job.name, collection.updateOne({ _id: id, ...living }, update as never))).matchedCount === 1;
    },
    async all(types) {
      const wanted = types ? { ...living, jobType: { $in: [...types] } } : living;
      return (await collection.find(wanted).toArray()).map(toJob);
    },
    async setPause(id, pause) {
      await collection.updateOne({ _id: id }, pause ? { $set: { pause } } : { $unset: { pause: true } });
    },
    async setVersions(id, versions) {
      // Together, as the field is one text: read, merged and written only if nobody wrote meanwhile.
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
      await collection.updateOne({ _id: id }, { $push: { events: { $each: [event], $slice: -keptEvents } } });
    },
    async markDeleting(id) {
      // Its name is free for another job at once.
      const update = { $set: { deleting: true, name: `${id} (being deleted)` } };
      return (await collection.updateOne({ _id: id }, update)).matchedCount === 1;
    },
    async get(id) {
      const stored = await collection.findOne({ _id: id, ...living });
      return stored ? toJob(stored) : undefined;
    },
    async list(request) {
      const { items, ...more } = await page(collection, living, request);
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
