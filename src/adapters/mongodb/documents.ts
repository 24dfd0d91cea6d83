import { MongoServerError } from 'mongodb';

/** A record as MongoDB keeps it: its id is `_id`, and the fields `T` are JSON texts. */
export type Stored<R extends { id: string }, T extends keyof R> = Omit<R, 'id' | T> &
  Record<T, string> & { _id: string };

export interface Codec<R extends { id: string }, T extends keyof R> {
  toStored(record: R): Stored<R, T>;
  fromStored(stored: Stored<R, T>): R;
  /** Fields of a record as they are kept; undefined ones are left out. */
  toFields(fields: Partial<Omit<R, 'id'>>): Record<string, unknown>;
}

/** Keeps the fields `texts` as JSON: their keys are the users', and MongoDB does not take every key (`a.b`, `$ref`). */
export function codec<R extends { id: string }, T extends keyof R & string>(texts: readonly T[]): Codec<R, T> {
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

/** True for a write that a unique index or an existing `_id` refused (MongoDB error 11000). */
export function isDuplicate(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === 11000;
}
