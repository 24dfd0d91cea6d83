import type { SiteGlobals } from '../site-globals.ts';

export interface SiteGlobalStore {
  get(): Promise<SiteGlobals>;
  /** Writes the revision after `before`. Returns false and writes nothing when `before` is no longer the newest. */
  replace(before: SiteGlobals, next: SiteGlobals): Promise<boolean>;
}
