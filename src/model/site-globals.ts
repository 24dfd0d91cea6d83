import { z } from 'zod';
import { type Globals, globalsSchema } from './flow.ts';

/** What `PUT /globals` takes: with `revision`, only if the site's globals are still at it. */
export const editSiteGlobalsSchema = z.strictObject({
  globalProperties: globalsSchema,
  revision: z.number().int().nonnegative().optional(),
});
export type EditSiteGlobals = z.infer<typeof editSiteGlobalsSchema>;

/** The globals of every run of this installation (`CustomProperties` of the original); revision 0 when never set. */
export interface SiteGlobals {
  revision: number;
  globalProperties: Globals;
  updatedBy?: string;
  updatedAt?: Date;
}
