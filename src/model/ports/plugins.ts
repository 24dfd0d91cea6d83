import type { Plugin } from '../plugin.ts';

export interface PluginStore {
  /** All versions, by name and then newest version first. */
  list(): Promise<Plugin[]>;
  /** Without a version, the newest. */
  get(name: string, version?: string): Promise<Plugin | undefined>;
  /**
   * Makes the records equal to what was found. `before` is what was on record when the search began: a record that somebody
   * else has changed since then stays as it is.
   */
  replaceAll(plugins: readonly Plugin[], before?: readonly Plugin[]): Promise<void>;
  /** Puts `after` in the place of `before`, where undefined means no record. False when the record is not `before` any more. */
  change(before: Plugin | undefined, after: Plugin | undefined): Promise<boolean>;
  /** Takes or keeps the right to change the files of the plugin store for `ttlMs`; false while somebody else has it. */
  lease(holder: string, ttlMs: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}

/** What users have changed of the labels that a plugin brings. */
export interface LabelChange {
  added: readonly string[];
  removed: readonly string[];
}

export interface LabelStore {
  /** By the plugin's name. */
  changes(): Promise<ReadonlyMap<string, LabelChange>>;
  add(plugin: string, label: string): Promise<void>;
  remove(plugin: string, label: string): Promise<void>;
  /** All that was changed of the plugin's labels. */
  forget(plugin: string): Promise<void>;
}
