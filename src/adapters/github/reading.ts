import type { HookEvent } from '../../model/delivery.ts';

/** What a payload says to rules: one of their events, or why it is none; in a sentence that goes on after `owner/name: `. */
export interface Reading {
  summary: string;
  hook?: HookEvent;
  /** It may be one of their events, but what matching needs is missing or of another shape. */
  unreadable?: true;
}
