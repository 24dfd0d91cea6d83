import { Writable } from 'node:stream';

/** Buffers its input up to a limit in bytes; then calls `exceeded` once, and drops the rest. */
export class CappedOutput extends Writable {
  private readonly limit: number;
  private readonly exceeded: () => void;
  private readonly chunks: Buffer[] = [];
  private size = 0;

  constructor(limit: number, exceeded: () => void) {
    super();
    this.limit = limit;
    this.exceeded = exceeded;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const before = this.size;
    this.size += chunk.length;
    if (this.size <= this.limit) this.chunks.push(chunk);
    else if (before <= this.limit) this.exceeded();
    done();
  }

  text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}
