import { Fault } from '../../model/fault.ts';
import { isDuplicate } from './documents.ts';

/** Wraps writes of records of a kind, whose names are unique. They throw `conflict` when another one has the name. */
export function uniquelyNamed(kind: string) {
  return async <R>(name: string, write: Promise<R>): Promise<R> => {
    try {
      return await write;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new Fault('conflict', `a ${kind} named ${name} exists already`, { where: { path: 'name' } });
    }
  };
}
