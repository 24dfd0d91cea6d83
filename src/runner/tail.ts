/** The last bytes of a stream: at least `limit` bytes, or all if there are fewer. */
export class Tail {
  private readonly limit: number;
  private chunks: Buffer[] = [];
  private size = 0;
  private isDropped = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.chunks[0] && this.size - this.chunks[0].length >= this.limit) {
      this.size -= this.chunks[0].length;
      this.chunks.shift();
      this.isDropped = true;
    }
  }

  /** Tells whether the beginning of the stream was dropped. */
  get isCut(): boolean {
    return this.isDropped;
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  /** Returns the last non-empty lines as one text of at most `maxLength` characters. */
  lastLines(count: number, maxLength = 2000): string {
    const lines = this.text()
      .split('\n')
      .filter((line) => line.trim() !== '');
    const text = lines.slice(-count).join('\n');
    return text.length > maxLength ? `…${text.slice(-maxLength)}` : text;
  }
}
