/** Returns the number of concurrent runs of a load test: `full` with LOAD_TESTS=full, as every night, otherwise two fifths of it. */
export function crowdSize(full: number): number {
  return process.env.LOAD_TESTS === 'full' ? full : Math.round(full * 0.4);
}
