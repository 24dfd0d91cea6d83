/** What the janitor found of objects that no task needs, the last time: names, each with its kind. */
export interface Orphans {
  /** Without the mark of an installation, so they are left alone. */
  unmarked: string[];
  /** Of this installation, but they could not be removed. */
  unremovable: string[];
}

export interface OrphanStore {
  get(): Promise<Orphans>;
  set(found: Orphans): Promise<void>;
}
