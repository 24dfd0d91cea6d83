/** An object to be created in a cluster. */
export interface Manifest extends Record<string, unknown> {
  metadata: { name: string } & Record<string, unknown>;
}
