const longest = 80;

/** File names inside a folder: what a record is called, as far as every file system takes it, each one once. */
export class FileNames {
  readonly #folder: string;
  readonly #taken = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A file name for a record; the same records in the same order get the same ones. */
  of(name: string): string {
    const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    const base = words.slice(0, longest).replaceAll(/^-|-$/g, '') || 'unnamed';
    let file = `${this.#folder}/${base}.yaml`;
    for (let n = 2; this.#taken.has(file); n += 1) file = `${this.#folder}/${base}-${n}.yaml`;
    this.#taken.add(file);
    return file;
  }
}
