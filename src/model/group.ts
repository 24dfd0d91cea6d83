import { z } from 'zod';

/** What `POST /groups` takes. */
export const saveGroupSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  description: z.string().max(10_000).default(''),
});
export type SaveGroup = z.infer<typeof saveGroupSchema>;

/** A named set of test flows; a flow is in one group or in none. */
export interface Group extends SaveGroup {
  id: string;
  createdAt: Date;
  updatedAt: Date;
}
