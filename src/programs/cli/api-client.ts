import { Fault, type Issue, isFaultCode, type Place } from '../../model/fault.ts';
import type { Page } from '../../model/ports/page.ts';

interface Problem {
  code?: unknown;
  detail?: string;
  where?: Place;
  hint?: string;
  errors?: ({ message: string; hint?: string } & Place)[];
}

/** Client of BrightBird's HTTP API. Throws the Fault of an error response. */
export class ApiClient {
  readonly #base: string;
  readonly #headers: Record<string, string>;

  /** Throws invalid_request when the URL is invalid. */
  constructor(url: string, token: string | undefined) {
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
      throw new Fault('invalid_request', `"${url}" is not a valid server URL`, {
        hint: 'write it as http://host:port',
      });
    }
    this.#base = `${url.replace(/\/+$/, '')}/api/v1`;
    this.#headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  }

  get<T>(path: string): Promise<T> {
    return this.#send<T>('GET', path);
  }

  post<T>(path: string, body: unknown = {}): Promise<T> {
    return this.#send<T>('POST', path, body);
  }

  put<T>(path: string, body: unknown): Promise<T> {
    return this.#send<T>('PUT', path, body);
  }

  patch<T>(path: string, body: unknown): Promise<T> {
    return this.#send<T>('PATCH', path, body);
  }

  delete<T>(path: string): Promise<T> {
    return this.#send<T>('DELETE', path);
  }

  /** Returns all items of a list, page by page. */
  async all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor = '';
    do {
      const page = await this.get<Page<T>>(`${path}?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      items.push(...page.items);
      cursor = page.nextCursor ?? '';
    } while (cursor !== '');
    return items;
  }

  async #send<T>(method: string, path: string, body?: unknown): Promise<T> {
    const init = { method, headers: this.#headers, body: JSON.stringify(body) };
    const response = await fetch(this.#base + path, init).catch((cause: unknown) => {
      throw new Fault('unavailable', `cannot reach a BrightBird server at ${this.#base}`, {
        hint: 'check that `npm start` runs, and check BRIGHTBIRD_URL',
        cause,
      });
    });
    const text = await response.text();
    if (!/json/.test(response.headers.get('content-type') ?? '')) {
      throw new Fault(
        'unavailable',
        `the server at ${this.#base} is not a BrightBird server (status ${response.status})`,
      );
    }
    if (!response.ok) throw answeredFault(JSON.parse(text) as Problem);
    return JSON.parse(text) as T;
  }
}

function answeredFault({ code, detail = 'the request was refused', where, hint, errors = [] }: Problem): Fault {
  const issues = errors.map(({ message, hint: how, ...place }): Issue => ({ message, where: place, hint: how }));
  return new Fault(isFaultCode(code) ? code : 'internal', detail, { where, hint, issues });
}
