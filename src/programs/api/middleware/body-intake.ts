import { Fault } from '../../../model/fault.ts';
import { incompleteBody } from './client-gone.ts';

export interface IntakeLimits {
  /** Limit of one body. */
  maxBodyBytes: number;
  /** Limit of all bodies in memory together. */
  maxHeldBytes: number;
  /** Time within which a body must be complete. */
  timeoutMs: number;
}

/** GitHub's bodies have about 10 KB. */
const minBufferBytes = 16 * 1024;

/** A body in memory. */
interface Held {
  bytes: number;
  /** Aborts reading with a Fault; absent once the body is complete. */
  shed?: (fault: Fault) => void;
}

/**
 * Reads bodies of unauthenticated senders with a limit on their total memory. Over the limit, it drops the largest incomplete
 * body, so that a few large bodies cannot block small ones.
 */
export class BodyIntake {
  readonly #limits: IntakeLimits;
  readonly #held = new Set<Held>();
  #heldBytes = 0;

  constructor(limits: IntakeLimits) {
    this.#limits = limits;
  }

  /** Bytes in memory. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Calls `use` with a reader of the body, and counts the body as held until `use` settles. The reader throws too_large,
   * request_timeout for a slow body, unavailable when it was dropped, and invalid_request for an incomplete body.
   */
  async withBody<T>(
    request: Request,
    use: (read: (see: (chunk: Uint8Array) => void) => Promise<Uint8Array>) => Promise<T>,
  ) {
    const held: Held = { bytes: 0 };
    this.#held.add(held);
    try {
      return await use((see) => this.#read(request, held, see));
    } finally {
      this.#hold(held, 0);
      this.#held.delete(held);
    }
  }

  #hold(held: Held, bytes: number): void {
    this.#heldBytes += bytes - held.bytes;
    held.bytes = bytes;
  }

  async #read(request: Request, held: Held, see: (chunk: Uint8Array) => void): Promise<Uint8Array> {
    const { maxBodyBytes, timeoutMs } = this.#limits;
    if (Number(request.headers.get('content-length')) > maxBodyBytes) throw tooLarge(maxBodyBytes);
    const reader = request.body?.getReader();
    if (!reader) return new Uint8Array();
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => undefined); // The wait for the next chunk reports it.
    held.shed = ended.reject;
    const timer = setTimeout(() => ended.reject(tooSlow(timeoutMs)), timeoutMs);
    // One buffer: in a list of many small chunks, each costs more than its bytes.
    let buffer = Buffer.alloc(0);
    let length = 0;
    try {
      for (;;) {
        const { done, value } = await Promise.race([
          ended.promise,
          reader.read().catch((cause: unknown) => Promise.reject(incompleteBody(cause))),
        ]);
        if (done) return buffer.subarray(0, length);
        if (length + value.length > maxBodyBytes) throw tooLarge(maxBodyBytes);
        buffer = grown(buffer, length + value.length, maxBodyBytes);
        this.#hold(held, buffer.length);
        this.#shed();
        see(value);
        buffer.set(value, length);
        length += value.length;
      }
    } catch (error) {
      this.#hold(held, 0);
      reader.cancel().catch(() => undefined); // The sender may be gone.
      throw error;
    } finally {
      clearTimeout(timer);
      delete held.shed;
    }
  }

  /** Drops the largest bodies until the others fit. Called for each chunk, so it scans only over the limit. */
  #shed(): void {
    while (this.#heldBytes > this.#limits.maxHeldBytes) {
      let largest: Held | undefined;
      for (const held of this.#held) if (held.shed && held.bytes > (largest?.bytes ?? 0)) largest = held;
      if (!largest) return;
      this.#hold(largest, 0);
      largest.shed?.(tooMuch());
      delete largest.shed;
    }
  }
}

/** Returns a buffer with the same content and room for `bytes`. */
function grown(buffer: Buffer<ArrayBuffer>, bytes: number, maxBytes: number): Buffer<ArrayBuffer> {
  if (bytes <= buffer.length) return buffer;
  const larger = Buffer.alloc(Math.min(Math.max(bytes, 2 * buffer.length, minBufferBytes), maxBytes));
  larger.set(buffer);
  return larger;
}

function tooLarge(bytes: number): Fault {
  return new Fault('too_large', `the body exceeds the limit of ${bytes / 1024 / 1024} MB`);
}

function tooSlow(ms: number): Fault {
  return new Fault('request_timeout', `the body was not complete within ${ms / 1000} s`);
}

function tooMuch(): Fault {
  return new Fault('unavailable', 'too many large bodies at once', { hint: 'retry later' });
}
