import { CookieJar } from 'tough-cookie';
import type { Contract } from './contract.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed when it is JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
  readonly body: any;
  readonly setCookies: readonly string[];
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** A browser as far as servers can tell: keeps cookies, sends its origin, follows no redirect by itself. */
export class Browser {
  readonly base: string;
  readonly origin: string;
  jar = new CookieJar();
  /** Sent on every request. */
  headers: Record<string, string>;
  /** Every answer is held to it. */
  readonly contract: Contract | null;

  constructor(base: string, headers: Record<string, string> = {}, contract: Contract | null = null) {
    this.base = base;
    this.origin = new URL(base).origin;
    this.headers = headers;
    this.contract = contract;
  }

  /** As a `fetch` for real clients. */
  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input);
    const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined));
    for (const [name, value] of Object.entries(this.headers)) if (!headers.has(name)) headers.set(name, value);
    const cookie = await this.jar.getCookieString(url);
    if (cookie && !headers.has('cookie')) headers.set('cookie', cookie);
    if (!headers.has('origin') && headers.get('sec-fetch-mode') !== 'navigate') headers.set('origin', this.origin);
    const response = await fetch(input, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) await this.jar.setCookie(line, url, { ignoreError: true });
    if (this.contract && response.headers.get('content-type') === 'application/json') {
      await this.contract(
        init.method ?? 'GET',
        url,
        response.status,
        await response
          .clone()
          .json()
          .catch(() => undefined),
      );
    }
    return response;
  };

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const url = /^https?:/.test(path) ? path : `${this.base}${path}`;
    const response = await this.fetch(url, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      parsed = undefined;
    }
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: parsed,
      setCookies: response.headers.getSetCookie(),
    };
  }

  get = (path: string, headers?: Record<string, string>): Promise<Reply> => this.send('GET', path, undefined, headers);
  post = (path: string, body: unknown = {}, headers?: Record<string, string>): Promise<Reply> =>
    this.send('POST', path, body, headers);

  /** Opens an address as people do, and mail scanners that run a browser: nothing says which page asks. */
  visit = (url: string, method = 'GET'): Promise<Reply> =>
    this.send(method, url, undefined, {
      accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-site': 'none',
      'sec-fetch-dest': 'document',
    });

  /** Presses the button of one of our pages, with everything that its form holds and what is typed. */
  press({ text }: Pick<Reply, 'text'>, typed: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const unescaped = (value: string) => value.replaceAll(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity]!);
    const action = /<form method="post" action="([^"]+)"/.exec(text)?.[1];
    if (action === undefined) throw new Error(`no form in ${text}`);
    const fields = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
    const hidden = fields.map(([, name, value]) => [name!, unescaped(value!)]);
    const body = new URLSearchParams({ ...Object.fromEntries(hidden), ...typed });
    return this.send('POST', `${this.origin}${unescaped(action)}`, body.toString(), {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      // Our pages send no referrer, so that browsers hide the origin of their forms.
      ...{
        origin: 'null',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-site': 'same-origin',
        'sec-fetch-dest': 'document',
      },
    });
  }

  async cookie(name: string): Promise<string | undefined> {
    return (await this.jar.getCookies(this.base)).find((cookie) => cookie.key === name)?.value;
  }

  /** A second browser with the same cookies. */
  async copy(): Promise<Browser> {
    const twin = new Browser(this.base, this.headers, this.contract);
    twin.jar = await this.jar.clone();
    return twin;
  }
}
