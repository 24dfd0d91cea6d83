import { Fault } from '../../model/fault.ts';
import { isDuplicate } from './documents.ts';

/** Wraps writes of records of a kind with unique names. They throw `conflict` when another record has the name. */
export function createUniqueNameGuard(kind: string) {
  return async <R>(name: string, write: Promise<R>): Promise<R> => {
    try {
      return await write;
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new Fault('conflict', `a ${kind} named ${name} already exists`, { where: { path: 'name' } });
    }
  };
}
