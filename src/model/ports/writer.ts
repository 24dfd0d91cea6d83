/** The writer of a projection: a later epoch of the same Temporal run wins, a run that is not current loses. */
export interface Writer {
  runId: string;
  epoch: number;
}
