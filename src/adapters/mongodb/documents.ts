import { MongoServerError } from 'mongodb';

/** Stored record: its id is `_id`, and the fields `T` are JSON texts. */
export type Stored<R extends { id: string }, T extends keyof R> = Omit<R, 'id' | T> &
  Record<T, string> & { _id: string };

export interface Codec<R extends { id: string }, T extends keyof R> {
  toStored(record: R): Stored<R, T>;
  fromStored(stored: Stored<R, T>): R;
  /** Converts fields of a record to stored ones, without undefined ones. */
  toFields(fields: Partial<Omit<R, 'id'>>): Record<string, unknown>;
}

/** Creates a codec that stores the fields `texts` as JSON: MongoDB does not accept every user's key (`a.b`, `$ref`). */
export function createCodec<R extends { id: string }, T extends keyof R & string>(texts: readonly T[]): Codec<R, T> {
  const isText = (key: string): boolean => (texts as readonly string[]).includes(key);
  const map = (fields: object, change: (value: unknown) => unknown): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(fields).flatMap(([key, value]) =>
        value === undefined ? [] : [[key, isText(key) ? change(value) : value]],
      ),
    );
  const toFields = (fields: object): Record<string, unknown> => map(fields, (value) => JSON.stringify(value));
  return {
    toFields,
    toStored: ({ id, ...rest }) => ({ _id: id, ...toFields(rest) }) as Stored<R, T>,
    fromStored: ({ _id, ...rest }) => ({ id: _id, ...map(rest, (text) => JSON.parse(String(text))) }) as unknown as R,
  };
}

/** Tells whether a unique index or an existing `_id` refused a write (MongoDB error 11000). */
export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11000;
}
