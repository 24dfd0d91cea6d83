import type { FlowRevision, FlowSummary, TestFlow } from '../flow.ts';
import type { Page, PageRequest } from './page.ts';

interface FlowFilter {
  groupId?: string;
  /** A part of the name, in capitals or not. */
  name?: string;
}

export interface FlowStore {
  /** Throws `conflict` when another flow has the name. */
  insert(flow: TestFlow): Promise<void>;
  get(id: string): Promise<TestFlow | undefined>;
  /** Newest first, without their graphs. */
  list(filter: FlowFilter, page: PageRequest): Promise<Page<FlowSummary>>;
  /** Number of flows by group; a group without flows has none. */
  countByGroup(groupIds: readonly string[]): Promise<Map<string, number>>;
  /**
   * Writes the next revision of a flow, and keeps the one before. False, and nothing written, when the flow is not at the
   * revision before it any more. Throws `conflict` when another flow has the name.
   */
  replace(before: TestFlow, next: TestFlow): Promise<boolean>;
  /** Removes a flow at this revision, and all its revisions but those to keep; false when it is not at it any more. */
  delete(flow: TestFlow, keep: readonly number[]): Promise<boolean>;
  /** Any revision, the newest too, also of a flow that was deleted if it was kept. */
  revision(id: string, revision: number): Promise<FlowRevision | undefined>;
  /** Removes what is kept of a flow that was deleted; of one that exists, nothing. */
  forget(id: string): Promise<void>;
  /** Newest first, without their graphs; none when nothing is known of the flow. */
  revisions(id: string): Promise<Omit<FlowRevision, 'graph'>[]>;
}
