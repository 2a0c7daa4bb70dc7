import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Limiter, LimitRule } from '../../core/limits.ts';
import { hostOf } from '../../core/network.ts';
import type { Answer, Raw } from './answer.ts';
import type { ClientAddress } from './client-address.ts';

/** An answer whose bytes are there. */
export interface ReadyAnswer extends Answer {
  readonly body: Raw;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * From the headers of a request alone, an answer that needs nothing but memory. Null sends the request the usual way,
 * whose answer would have been the same.
 */
export type AnswerAtOnce = (headers: IncomingHttpHeaders) => ReadyAnswer | null;

export interface Shortcut {
  /** Of the mount; null where every host is answered. */
  readonly host: string | null;
  /** Where every host is answered: but not these. */
  readonly notHosts?: readonly string[];
  /** Whole path. A request with a query goes the usual way. */
  readonly url: string;
  /** The front limit of the path. */
  readonly limit: { readonly limiter: Limiter; readonly rule: LimitRule } | null;
  readonly answer: AnswerAtOnce;
}

/** An answered request, as metrics and logs want it. */
export interface Taken {
  readonly id: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  readonly ip: string | null;
}

export interface ShortcutsDeps {
  readonly clientAddress: ClientAddress;
  readonly nextId: () => string;
  /** Headers of every answer. */
  readonly standing: readonly (readonly [name: string, value: string])[];
  readonly onTaken: (taken: Taken) => void;
}

export interface Shortcuts {
  add(shortcut: Shortcut): void;
  /** True when the request was answered. */
  take(request: IncomingMessage, response: ServerResponse): boolean;
  /** From now on everything goes the usual way. */
  close(): void;
}

/**
 * The way past the framework for GET requests that memory answers. Routing, hooks and parsing cost several times what
 * finding a live session does, and that is asked with every page of every application.
 */
export function openShortcuts({ clientAddress, nextId, standing, onTaken }: ShortcutsDeps): Shortcuts {
  const byUrl = new Map<string, Shortcut[]>();
  const standingLines = standing.flat();
  let open = true;

  function find({ url, headers }: IncomingMessage): Shortcut | undefined {
    const found = byUrl.get(url!);
    return (
      found?.find(({ host }) => host === headers.host) ??
      found?.find(({ host, notHosts = [] }) => host === null && !notHosts.includes(headers.host?.toLowerCase() ?? ''))
    );
  }

  return {
    add(shortcut) {
      byUrl.set(shortcut.url, [...(byUrl.get(shortcut.url) ?? []), shortcut]);
    },
    take(request, response) {
      // Answers to other origins carry more headers.
      if (!open || request.method !== 'GET' || request.headers.origin !== undefined) return false;
      const shortcut = find(request);
      if (!shortcut) return false;
      const began = performance.now();
      const answer = tried(shortcut, request.headers);
      if (answer === null) return false;
      const ip = clientAddress(request);
      if (shortcut.limit && !withinLimit(shortcut.limit, ip)) return false;

      const { status, headers, body } = answer;
      const id = nextId();
      const lines = ['x-request-id', id, ...standingLines];
      for (const name in headers) lines.push(name, headers[name]!);
      lines.push('content-type', body.type, 'content-length', String(body.bytes.length));
      response.writeHead(status, lines);
      response.end(body.bytes, 'latin1');
      onTaken({ id, route: shortcut.url, status, seconds: (performance.now() - began) / 1000, ip });
      return true;
    },
    close() {
      open = false;
    },
  };
}

/** A fault is met again the usual way, which reports it. */
function tried({ answer }: Shortcut, headers: IncomingHttpHeaders): ReadyAnswer | null {
  try {
    return answer(headers);
  } catch {
    return null;
  }
}

/** False when the usual way has to count: it refuses, or has somebody else to ask. */
const withinLimit = ({ limiter, rule }: NonNullable<Shortcut['limit']>, ip: string | null): boolean =>
  limiter.hitNow(rule, hostOf(ip))?.retryAfterSeconds === null;
