/** What is sent to be created. */
export interface Manifest extends Record<string, unknown> {
  metadata: { name: string } & Record<string, unknown>;
}
