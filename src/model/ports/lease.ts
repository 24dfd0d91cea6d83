/** A right that one program at a time has, until it gives it up or its time is over. */
export interface Lease {
  /** Takes or keeps it for `ttlMs`; false while somebody else has it. */
  lease(holder: string, ttlMs: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}
