import type { Task } from '../../model/task.ts';

/** A task as the API gives it: times are texts. */
export type ApiTask = Omit<Task, 'times'> & { times: Record<string, string | undefined> };

/** A small client of BrightBird's own HTTP API; any answer that is not 2xx becomes an Error with the problem's detail. */
export class ApiClient {
  readonly #base: string;
  readonly #headers: Record<string, string>;

  constructor(base: string, token: string | undefined) {
    this.#base = `${base}/api/v1`;
    this.#headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.send<T>('POST', path, body);
  }

  get<T>(path: string): Promise<T> {
    return this.send<T>('GET', path);
  }

  async send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.#base + path, {
      method,
      headers: this.#headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & { detail?: string };
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.detail ?? ''}`);
    return answer;
  }
}
