import { unreachable } from '../../model/answers-soon.ts';
import { isUnreachable } from './failures.ts';

/** The repository with the fault `unavailable` for a MongoDB that cannot be reached, so that nobody else knows the driver's errors. */
export function tellUnavailable<T extends object>(repository: T): T {
  return new Proxy(repository, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        try {
          return await member.apply(target, args);
        } catch (error) {
          throw isUnreachable(error) ? unreachable(error) : error;
        }
      };
    },
  });
}
