import { createHash } from 'node:crypto';
import { Binary, type Db } from 'mongodb';
import { type Artifact, countParts } from '../../model/artifact.ts';
import type { ArtifactStore } from '../../model/ports/artifacts.ts';
import { upsert } from './upsert.ts';

/** Files of a step of an attempt, by a hash of their paths. `_id` is `<taskId>/<attempt>/<step>`. */
interface StepDocument {
  _id: string;
  files: Record<string, { path: string; size: number }>;
}

/** Steps of an attempt with files. `_id` is `<taskId>/<attempt>`. */
interface AttemptDocument {
  _id: string;
  steps: string[];
}

/** Part of a file. `_id` is `<taskId>/<attempt>/<step>/<hash of the path>/<part>`. */
interface PartDocument {
  _id: string;
  data: Binary;
}

/** Creates a store that keeps each part of a file in its own record. The records of attempt and step find them. */
export function createArtifactStore(db: Db): ArtifactStore {
  const attempts = db.collection<AttemptDocument>('artifactAttempts');
  const steps = db.collection<StepDocument>('artifactSteps');
  const parts = db.collection<PartDocument>('artifactParts');
  const list = async (taskId: string, attempt: number): Promise<Artifact[]> => {
    const id = `${taskId}/${attempt}`;
    const names = (await attempts.findOne({ _id: id }))?.steps ?? [];
    const found = await steps.find({ _id: { $in: names.map((step) => `${id}/${step}`) } }).toArray();
    const all = found.flatMap(({ _id, files }) =>
      Object.values(files).map(({ path, size }) => ({ step: _id.slice(id.length + 1), path, size })),
    );
    return all.sort((one, other) => compare(one.step, other.step) || compare(one.path, other.path));
  };
  return {
    async put(taskId, attempt, { step, path, size }, part, data) {
      const id = `${taskId}/${attempt}`;
      // Written first, so that stored parts are always found and deleted.
      await upsert(attempts, id, { $addToSet: { steps: step } });
      await upsert(steps, `${id}/${step}`, { $set: { [`files.${hashOf(path)}`]: { path, size } } });
      await upsert(parts, partId(id, step, path, part), { $set: { data: new Binary(data) } });
    },
    async list(taskId, attempt) {
      const files = await list(taskId, attempt);
      const ids = files.map((file) => partIds(`${taskId}/${attempt}`, file));
      const stored = parts.find({ _id: { $in: ids.flat() } }, { projection: { _id: 1 } });
      const known = new Set((await stored.toArray()).map(({ _id }) => _id));
      return files.map((file, index) => ({ ...file, complete: ids[index]?.every((id) => known.has(id)) ?? false }));
    },
    async read(taskId, attempt, step, path) {
      const id = `${taskId}/${attempt}`;
      const file = (await steps.findOne({ _id: `${id}/${step}` }))?.files[hashOf(path)];
      if (!file) return undefined;
      const ids = partIds(id, { step, ...file });
      const found = new Map((await parts.find({ _id: { $in: ids } }).toArray()).map(({ _id, data }) => [_id, data]));
      const all = ids.map((one) => found.get(one)?.value());
      return all.every((data) => data !== undefined) ? Buffer.concat(all) : undefined;
    },
    async delete(taskId, count) {
      for (let attempt = 1; attempt <= count; attempt += 1) {
        const id = `${taskId}/${attempt}`;
        for (const file of await list(taskId, attempt)) {
          await parts.deleteMany({ _id: { $in: partIds(id, file) } });
        }
        const names = (await attempts.findOne({ _id: id }))?.steps ?? [];
        await steps.deleteMany({ _id: { $in: names.map((step) => `${id}/${step}`) } });
        await attempts.deleteOne({ _id: id });
      }
    },
  };
}

function partIds(attempt: string, { step, path, size }: Artifact): string[] {
  return Array.from({ length: countParts(size) }, (_, part) => partId(attempt, step, path, part));
}

function partId(attempt: string, step: string, path: string, part: number): string {
  return `${attempt}/${step}/${hashOf(path)}/${part}`;
}

/** Returns a hash of the path, which may have characters that MongoDB's ids and keys must not have. */
function hashOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 32);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
