/** Who writes a projection: a later epoch of the same Temporal run wins, a run that is not the current one loses. */
export interface Writer {
  runId: string;
  epoch: number;
}
