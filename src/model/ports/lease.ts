/** A lease with one holder at a time, until it is released or expires. */
export interface Lease {
  /** Acquires or renews the lease for `ttlMs`. Returns false while another holder has it. */
  lease(holder: string, ttlMs: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}
