import { z } from 'zod';
import { type Globals, globalsSchema } from './flow.ts';

/** Body of `PUT /globals`; with `revision`, the edit applies only to that revision. */
export const editSiteGlobalsSchema = z.strictObject({
  globalProperties: globalsSchema,
  revision: z.number().int().nonnegative().optional(),
});
export type EditSiteGlobals = z.infer<typeof editSiteGlobalsSchema>;

/** The globals of every run of this installation (`CustomProperties` of the original); revision 0 before they are set. */
export interface SiteGlobals {
  revision: number;
  globalProperties: Globals;
  updatedBy?: string;
  updatedAt?: Date;
}
