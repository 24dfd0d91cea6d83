/** One page of a list; `cursor` is opaque to callers and comes from the page before. */
export interface Page<T> {
  items: T[];
  nextCursor?: string;
}

export interface PageRequest {
  limit: number;
  cursor?: string;
}
