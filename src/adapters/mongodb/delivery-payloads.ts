import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { Binary, type Db } from 'mongodb';
import type { DeliveryStore } from '../../model/ports/deliveries.ts';
import { upsert } from './upsert.ts';

/** Part of a payload. `_id` is `<delivery>/<part>`. */
interface PartDocument {
  _id: string;
  name: string;
  type: string;
  parts: number;
  /** Part of the compressed body. */
  data: Binary;
}

/** Size of a part; a document of MongoDB has at most 16 MB. */
const partBytes = 8 * 1024 * 1024;
/** Enough parts for 25 MB, GitHub's limit of a body, even when it cannot be compressed. */
const maxParts = 4;

/** Creates a store of deliveries' payloads, which are compressed and split into parts. */
export function createPayloadStore(db: Db): Pick<DeliveryStore, 'keepPayload' | 'payload' | 'delete'> {
  const parts = db.collection<PartDocument>('deliveryPayloads');
  return {
    async keepPayload(id, { name, type, body }) {
      const data = await promisify(gzip)(body);
      const count = Math.ceil(data.length / partBytes);
      for (let part = count - 1; part >= 0; part -= 1) {
        const slice = new Binary(data.subarray(part * partBytes, (part + 1) * partBytes));
        await upsert(parts, `${id}/${part}`, { $set: { name, type, parts: count, data: slice } });
      }
    },
    async payload(id) {
      const first = await parts.findOne({ _id: `${id}/0` });
      if (!first) return undefined;
      const slices = [first.data.value()];
      for (let part = 1; part < first.parts; part += 1) {
        const next = await parts.findOne({ _id: `${id}/${part}` });
        if (!next) return undefined;
        slices.push(next.data.value());
      }
      const body = await promisify(gunzip)(Buffer.concat(slices));
      return { name: first.name, type: first.type, body };
    },
    async delete(ids) {
      const all = ids.flatMap((id) => Array.from({ length: maxParts }, (_, part) => `${id}/${part}`));
      if (all.length > 0) await parts.deleteMany({ _id: { $in: all } });
    },
  };
}
