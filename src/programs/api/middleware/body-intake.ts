import { Fault } from '../../../model/fault.ts';
import { brokenOff } from './client-gone.ts';

export interface IntakeLimits {
  /** Largest body, in bytes. */
  maxBodyBytes: number;
  /** Bytes of all bodies that are held at once. */
  maxHeldBytes: number;
  /** Within which a body has to be complete, in milliseconds. */
  timeoutMs: number;
}

/** In bytes: GitHub's bodies have some 10 KB. */
const smallestBuffer = 16 * 1024;

/** A body that is being read or used. */
interface Held {
  bytes: number;
  /** Ends its reading with this fault; absent once it is complete. */
  shed?: (fault: Fault) => void;
}

/**
 * Reads bodies of senders that have not proved yet who they are. What all of them hold together is bounded: when it is too
 * much, the largest one that is still coming in is given up, so that a few large bodies cannot keep small ones out.
 */
export class BodyIntake {
  readonly #limits: IntakeLimits;
  readonly #held = new Set<Held>();
  #heldBytes = 0;

  constructor(limits: IntakeLimits) {
    this.#limits = limits;
  }

  /** Bytes that are held now. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /**
   * Passes a reader of the body to `use`, and holds the body until that has ended. The reader's faults: too_large,
   * request_timeout when the body comes too slowly, unavailable when too much is held, invalid_request when it breaks off.
   */
  async with<T>(
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
    ended.promise.catch(() => undefined); // Whoever waits for the next chunk gets it.
    held.shed = ended.reject;
    const timer = setTimeout(() => ended.reject(tooSlow(timeoutMs)), timeoutMs);
    // Not a list of chunks: of many small ones, each costs more than its bytes.
    let buffer = Buffer.alloc(0);
    let length = 0;
    try {
      for (;;) {
        const { done, value } = await Promise.race([
          ended.promise,
          reader.read().catch((cause: unknown) => Promise.reject(brokenOff(cause))),
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

  /** Gives up the largest bodies until the others fit. Called for each chunk, so it looks at them only when it must. */
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

/** A buffer with the same content and room for so many bytes. */
function grown(buffer: Buffer<ArrayBuffer>, bytes: number, maxBytes: number): Buffer<ArrayBuffer> {
  if (bytes <= buffer.length) return buffer;
  const larger = Buffer.alloc(Math.min(Math.max(bytes, 2 * buffer.length, smallestBuffer), maxBytes));
  larger.set(buffer);
  return larger;
}

function tooLarge(bytes: number): Fault {
  return new Fault('too_large', `the body is over ${bytes / 1024 / 1024} MB`);
}

function tooSlow(ms: number): Fault {
  return new Fault('request_timeout', `the body was not complete within ${ms / 1000} s`);
}

function tooMuch(): Fault {
  return new Fault('unavailable', 'too many large bodies are coming in at once', { hint: 'send it again later' });
}
