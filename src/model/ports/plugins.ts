import type { Plugin } from '../plugin.ts';

export interface PluginStore {
  /** Lists all versions, by name and then newest version first. */
  list(): Promise<Plugin[]>;
  /** Returns a version; the newest by default. */
  get(name: string, version?: string): Promise<Plugin | undefined>;
  /**
   * Replaces the records by the scanned plugins. `before` are the records when the scan began: a record that was changed
   * since then is kept.
   */
  replaceAll(plugins: readonly Plugin[], before?: readonly Plugin[]): Promise<void>;
  /** Replaces `before` by `after`, where undefined means no record. Returns false when the record is no longer `before`. */
  change(before: Plugin | undefined, after: Plugin | undefined): Promise<boolean>;
  /** Acquires or renews the lease on the files of the plugin store for `ttlMs`. Returns false while another holder has it. */
  lease(holder: string, ttlMs: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}

/** Changes by users to a plugin's own labels. */
export interface LabelChange {
  added: readonly string[];
  removed: readonly string[];
}

export interface LabelStore {
  /** Returns the changes by plugin name. */
  changes(): Promise<ReadonlyMap<string, LabelChange>>;
  add(plugin: string, label: string): Promise<void>;
  remove(plugin: string, label: string): Promise<void>;
  /** Deletes all changes to the plugin's labels. */
  forget(plugin: string): Promise<void>;
}
