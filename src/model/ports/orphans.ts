/** Orphaned objects found by the janitor in its last run, each as kind and name. */
export interface Orphans {
  /** Objects without the mark of an installation, which are not deleted. */
  unmarked: string[];
  /** Objects of this installation that could not be deleted. */
  unremovable: string[];
}

export interface OrphanStore {
  get(): Promise<Orphans>;
  set(found: Orphans): Promise<void>;
}
