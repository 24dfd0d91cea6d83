import type { HookEvent } from '../../model/delivery.ts';

/** The event of a payload for rules, or the reason that it has none; the summary continues a sentence after `owner/name: `. */
export interface ParsedEvent {
  summary: string;
  hook?: HookEvent;
  /** Whether a field needed for matching is missing or has another shape. */
  unreadable?: true;
}
