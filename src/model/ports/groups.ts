import type { Group } from '../group.ts';
import type { Page, PageRequest } from './page.ts';

export interface GroupStore {
  /** Throws `conflict` when another group has the name. */
  insert(group: Group): Promise<void>;
  get(id: string): Promise<Group | undefined>;
  /** Newest first. */
  list(page: PageRequest): Promise<Page<Group>>;
  /** Returns false when the group does not exist. Throws `conflict` when another group has the name. */
  replace(group: Group): Promise<boolean>;
  delete(id: string): Promise<boolean>;
}
