import { z } from 'zod';

/** Body of `POST /groups`. */
export const saveGroupSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  description: z.string().max(10_000).default(''),
});
export type SaveGroup = z.infer<typeof saveGroupSchema>;

/** A named set of test flows; a flow belongs to at most one group. */
export interface Group extends SaveGroup {
  id: string;
  createdAt: Date;
  updatedAt: Date;
}
