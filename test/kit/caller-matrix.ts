import { expect } from 'vitest';
import type { Endpoint, Method } from '../../src/http/kit/endpoint.ts';
import type { Needs } from '../../src/http/kit/needs.ts';
import type { TestDatabase } from './engines.ts';
import { png } from './images.ts';
import { countRows } from './snapshot.ts';
import { validInput } from './valid-input.ts';

/** Whoever sends a request: what they show, and what of theirs a request may name. */
export interface Caller {
  readonly headers: Readonly<Record<string, string>>;
  readonly known?: Readonly<Record<string, unknown>>;
}

export interface CallerKind {
  readonly name: string;
  /** The needs that such a caller meets. */
  readonly meets: readonly Needs[];
  make(): Promise<Caller>;
  /** Memory lets them in for as long as nobody tells it that their session ended; nothing may come of it but reading. */
  readonly mayRead?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: endpoints of every dialect
type AnyEndpoint = Pick<Endpoint<any, any>, 'needs' | 'method' | 'path' | 'body' | 'query' | 'params' | 'uploads'>;

export interface Input {
  readonly body: unknown;
  readonly query: unknown;
  readonly params: unknown;
}

export interface MatrixDialect<E extends AnyEndpoint> {
  /** Of the native API. */
  readonly url: string;
  readonly database: TestDatabase;
  readonly kinds: readonly CallerKind[];
  /** Members of requests without which an endpoint does not come to its point, by route. */
  readonly known: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Routes that write nothing, or nothing for whoever has no session any more, although they are no GET. */
  readonly alsoRead: readonly string[];
  /** Why a request is none that the endpoint takes. */
  problems(endpoint: E, input: Input): readonly string[];
  /** Its own words for whoever may not call this endpoint. */
  notAdmitted(endpoint: E): readonly string[];
  /** Kinds of callers whom the core refuses by a rule of its own, in the words for outsiders, by route. */
  readonly refusedInside?: Readonly<Record<string, readonly string[]>>;
  /** Its own words for an administrator who looks through somebody's eyes. */
  readonly impersonated: string;
}

export interface Answered {
  readonly status: number;
  /** Status and code or text, in one line. */
  readonly words: string;
}

export type Cell = 'in' | 'out' | 'impersonated';

/** Uploads are put down before the transaction that uses them; what none used is swept. */
const staged: ReadonlySet<string> = new Set(['file']);

export const routeOf = ({ method, path }: { readonly method: Method; readonly path: string }) => `${method} ${path}`;

/** Sends every endpoint a good request from every kind of caller, and holds the answers to what the endpoint needs. */
export class CallerMatrix<E extends AnyEndpoint> {
  readonly #dialect: MatrixDialect<E>;
  readonly #callers = new Map<string, Caller>();
  readonly #rows: string[][] = [];
  #networks = 0;

  constructor(dialect: MatrixDialect<E>) {
    this.#dialect = dialect;
  }

  /** Those who must stay outside come first: they change nothing, so one of each kind does for all endpoints. */
  async try(endpoint: E): Promise<void> {
    const { kinds, database } = this.#dialect;
    const cells = new Map<string, Cell>();
    const outsiders = kinds.filter(({ meets }) => !meets.includes(endpoint.needs));
    for (const kind of outsiders) await this.#caller(kind);

    const before = await countRows(database);
    const wrong: string[] = [];
    for (const kind of outsiders) {
      const answer = await this.#ask(endpoint, await this.#caller(kind));
      const cell = this.#cell(endpoint, answer);
      cells.set(kind.name, cell);
      const mayBeIn = kind.mayRead && (answer.status >= 400 || this.#reads(endpoint));
      if (cell !== 'out' && !mayBeIn) wrong.push(`${kind.name}: ${answer.words}`);
    }
    const after = await countRows(database);
    const written = Object.keys(after).filter((table) => !staged.has(table) && after[table] !== before[table]);
    if (written.length)
      console.log(
        routeOf(endpoint),
        await database.rows('select type, data, created_at from event order by id desc limit 2'),
      );

    for (const kind of kinds) {
      if (outsiders.includes(kind)) continue;
      const answer = await this.#ask(endpoint, await this.#caller(kind));
      if (endpoint.method !== 'GET' && answer.status < 400) this.#callers.delete(kind.name);
      const cell = this.#cell(endpoint, answer);
      cells.set(kind.name, cell);
      const bySomeRule = kind.mayRead || this.#dialect.refusedInside?.[routeOf(endpoint)]?.includes(kind.name);
      if (cell === 'out' && !bySomeRule) wrong.push(`${kind.name}: ${answer.words}`);
    }
    this.#rows.push([endpoint.needs, ...kinds.map(({ name }) => cells.get(name)!), routeOf(endpoint)]);
    expect({ wrong, written }).toEqual({ wrong: [], written: [] });
  }

  /** One line for each endpoint: what it needs, then what became of every kind of caller. */
  table(): string {
    const head = ['needs', ...this.#dialect.kinds.map(({ name }) => name.replaceAll(' ', '_')), 'endpoint'];
    const lines = [head, ...this.#rows];
    const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
    return `${lines
      .map((line) =>
        line
          .map((cell, at) => cell.padEnd(widths[at]!))
          .join('  ')
          .trimEnd(),
      )
      .join('\n')}\n`;
  }

  #reads(endpoint: E): boolean {
    return endpoint.method === 'GET' || this.#dialect.alsoRead.includes(routeOf(endpoint));
  }

  async #caller(kind: CallerKind): Promise<Caller> {
    const caller = this.#callers.get(kind.name) ?? (await kind.make());
    this.#callers.set(kind.name, caller);
    return caller;
  }

  #cell(endpoint: E, { words }: Answered): Cell {
    if (this.#dialect.notAdmitted(endpoint).includes(words)) return 'out';
    return words === this.#dialect.impersonated ? 'impersonated' : 'in';
  }

  async #ask(endpoint: E, { headers, known: own = {} }: Caller): Promise<Answered> {
    const known = { ...own, ...this.#dialect.known[routeOf(endpoint)] };
    const input = {
      body: validInput('body', endpoint.body, known),
      query: validInput('query', endpoint.query, known),
      params: validInput('params', endpoint.params ?? paramsOf(endpoint.path), known),
    };
    expect(this.#dialect.problems(endpoint, input)).toEqual([]);
    this.#networks += 1;
    const response = await fetch(this.#target(endpoint, input), {
      method: endpoint.method,
      redirect: 'manual',
      headers: {
        ...(input.body !== undefined && { 'content-type': 'application/json' }),
        'x-forwarded-for': `203.${this.#networks >> 8}.${this.#networks & 255}.11`,
        ...headers,
      },
      ...(input.body !== undefined && { body: JSON.stringify(input.body) }),
      ...(endpoint.uploads !== undefined && { body: await upload(endpoint.uploads) }),
    });
    return { status: response.status, words: `${response.status} ${await saidBy(response)}` };
  }

  #target({ path }: E, { query, params }: Input): string {
    const values = (params ?? {}) as Record<string, unknown>;
    const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(values[name])));
    const asked = new URLSearchParams(
      Object.entries((query ?? {}) as object).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return `${this.#dialect.url}${filled}?${asked}`;
  }
}

/** Of endpoints that leave the parts of their path without a schema. */
const paramsOf = (path: string) => {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);
  return { required: names, properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) };
};

async function upload(part: string): Promise<FormData> {
  const form = new FormData();
  form.set(part, new Blob([new Uint8Array(await png())], { type: 'image/png' }), 'picture.png');
  return form;
}

/** The code of an error, or its text. Streams do not end by themselves. */
async function saidBy(response: Response): Promise<string> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    await response.body?.cancel();
    return '';
  }
  const text = await response.text();
  if (text === '' || !response.headers.get('content-type')?.startsWith('application/json')) return text;
  const body = JSON.parse(text) as { code?: string } | null;
  return body?.code ?? '';
}
