import type { SiteGlobals } from '../site-globals.ts';

export interface SiteGlobalStore {
  get(): Promise<SiteGlobals>;
  /** Writes the revision after `before`; false, and nothing written, when `before` is not the newest any more. */
  replace(before: SiteGlobals, next: SiteGlobals): Promise<boolean>;
}
