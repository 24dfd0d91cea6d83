const maxBaseLength = 80;

/** Makes unique file names in a folder from the names of records, valid on every file system. */
export class FileNames {
  readonly #folder: string;
  readonly #taken = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns the file name of a record. The same records in the same order get the same names. */
  of(name: string): string {
    const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    const base = words.slice(0, maxBaseLength).replaceAll(/^-|-$/g, '') || 'unnamed';
    let file = `${this.#folder}/${base}.yaml`;
    for (let n = 2; this.#taken.has(file); n += 1) file = `${this.#folder}/${base}-${n}.yaml`;
    this.#taken.add(file);
    return file;
  }
}
