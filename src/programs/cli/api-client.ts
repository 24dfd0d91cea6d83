import { Fault, isFaultCode, type Mistake, type Place } from '../../model/fault.ts';
import type { Page } from '../../model/ports/page.ts';

interface Problem {
  code?: unknown;
  detail?: string;
  where?: Place;
  hint?: string;
  errors?: ({ message: string; hint?: string } & Place)[];
}

/** BrightBird's HTTP API as a program asks it; what it refuses is thrown as the fault that it was. */
export class ApiClient {
  readonly #base: string;
  readonly #headers: Record<string, string>;

  /** Faults: invalid_request of an address that is none. */
  constructor(url: string, token: string | undefined) {
    if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
      throw new Fault('invalid_request', `"${url}" is no address of a server`, {
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

  /** Every item of a list, page by page. */
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
    const init = { method, headers: this.#headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(this.#base + path, init).catch((cause: unknown) => {
      throw new Fault('unavailable', `no BrightBird answers at ${this.#base}`, {
        hint: 'see that `npm start` runs, and BRIGHTBIRD_URL',
        cause,
      });
    });
    const text = await response.text();
    if (!/json/.test(response.headers.get('content-type') ?? '')) {
      throw new Fault('unavailable', `what answers at ${this.#base} is no BrightBird (status ${response.status})`);
    }
    if (!response.ok) throw faultOf(JSON.parse(text) as Problem);
    return JSON.parse(text) as T;
  }
}

function faultOf({ code, detail = 'the request was refused', where, hint, errors = [] }: Problem): Fault {
  const mistakes = errors.map(({ message, hint: how, ...place }): Mistake => ({ message, where: place, hint: how }));
  return new Fault(isFaultCode(code) ? code : 'internal', detail, { where, hint, mistakes });
}
