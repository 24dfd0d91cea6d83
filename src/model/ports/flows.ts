import type { FlowRevision, FlowSummary, TestFlow } from '../flow.ts';
import type { Page, PageRequest } from './page.ts';

interface FlowFilter {
  groupId?: string;
  /** Part of the name, case-insensitive. */
  name?: string;
}

export interface FlowStore {
  /** Throws `conflict` when another flow has the name. */
  insert(flow: TestFlow): Promise<void>;
  get(id: string): Promise<TestFlow | undefined>;
  /** Newest first, without their graphs. */
  list(filter: FlowFilter, page: PageRequest): Promise<Page<FlowSummary>>;
  /** Counts flows by group; a group without flows is absent. */
  countByGroup(groupIds: readonly string[]): Promise<Map<string, number>>;
  /**
   * Writes the next revision of a flow, and keeps the previous one. Returns false and writes nothing when the flow is no
   * longer at revision `before`. Throws `conflict` when another flow has the name.
   */
  replace(before: TestFlow, next: TestFlow): Promise<boolean>;
  /** Deletes a flow with all its revisions except `keep`. Returns false when it is no longer at this revision. */
  delete(flow: TestFlow, keep: readonly number[]): Promise<boolean>;
  /** Returns any revision, including the newest, and kept revisions of a deleted flow. */
  revision(id: string, revision: number): Promise<FlowRevision | undefined>;
  /** Deletes the kept revisions of a deleted flow; does nothing for an existing one. */
  forget(id: string): Promise<void>;
  /** Newest first, without their graphs; empty for an unknown flow. */
  revisions(id: string): Promise<Omit<FlowRevision, 'graph'>[]>;
}
