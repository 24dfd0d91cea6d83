import { Fault, type Mistake } from '../../model/fault.ts';

/** What a check by itself finds wrong at a path of the request: the fault that it throws, as a mistake. */
export function mistakesOf(check: () => unknown, path: string): Mistake[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return [{ message: error.message, where: { path }, hint: error.hint }];
  }
}
