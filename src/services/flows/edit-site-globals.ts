import { isDeepStrictEqual } from 'node:util';
import { Fault } from '../../model/fault.ts';
import type { SiteGlobalStore } from '../../model/ports/site-globals.ts';
import type { EditSiteGlobals, SiteGlobals } from '../../model/site-globals.ts';

/**
 * Replaces the site's globals as their next revision, unless nothing changes. Recorded runs keep the globals that they
 * started with. Throws `conflict` when `revision` is given and is not the newest.
 */
export async function editSiteGlobals(
  store: SiteGlobalStore,
  { globalProperties, revision }: EditSiteGlobals,
  by: string,
): Promise<SiteGlobals> {
  for (;;) {
    const before = await store.get();
    if (revision !== undefined && revision !== before.revision) throw stale(before.revision, revision);
    if (before.revision > 0 && isDeepStrictEqual(before.globalProperties, globalProperties)) return before;
    const next = { revision: before.revision + 1, globalProperties, updatedBy: by, updatedAt: new Date() };
    // An edit without a revision overwrites concurrent edits.
    if (await store.replace(before, next)) return next;
  }
}

function stale(newest: number, revision: number): Fault {
  return new Fault(
    'conflict',
    `the site's globals are at revision ${newest}, but this edit is based on revision ${revision}`,
    {
      where: { path: 'revision' },
      hint: 'get the newest revision and apply the change to it',
    },
  );
}
