/** The last bytes of a stream, at least `limit` of them once that many have come. */
export class Tail {
  private readonly limit: number;
  private chunks: Buffer[] = [];
  private size = 0;
  private dropped = false;

  constructor(limit: number) {
    this.limit = limit;
  }

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.chunks[0] && this.size - this.chunks[0].length >= this.limit) {
      this.size -= this.chunks[0].length;
      this.chunks.shift();
      this.dropped = true;
    }
  }

  /** True when the beginning of the stream is not in it any more. */
  get cut(): boolean {
    return this.dropped;
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }

  /** The last lines that are not empty, as one text of at most `length` characters. */
  lastLines(count: number, length = 2000): string {
    const lines = this.text()
      .split('\n')
      .filter((line) => line.trim() !== '');
    const text = lines.slice(-count).join('\n');
    return text.length > length ? `…${text.slice(-length)}` : text;
  }
}
