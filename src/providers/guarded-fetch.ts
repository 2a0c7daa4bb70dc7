import { lookup as systemLookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import ipaddr from 'ipaddr.js';

export interface GuardedRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Fetches an address that a person or tenant had a say in. @throws FetchRefused, or a network error */
export type GuardedFetch = (url: string, request?: GuardedRequest) => Promise<Response>;

/** The guard said no: the address is not one this server may talk to, or the answer was too large or too slow. */
export class FetchRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FetchRefused';
  }
}

export interface GuardOptions {
  /** Origins the operator configured: they may be private and may speak plain http. */
  readonly allowPrivate?: readonly string[];
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

/**
 * The one fetch for addresses somebody else chose (rule 22). The name is resolved once, every address it has must be
 * public, and the connection goes to those addresses: a second answer of the name server is never asked for.
 * Redirects are handed back, not followed.
 */
export function createGuardedFetch(options: GuardOptions = {}): GuardedFetch {
  const allowed = new Set((options.allowPrivate ?? []).map((url) => new URL(url).origin));
  const resolve = options.resolve ?? resolveBySystem;
  const limits = { maxBytes: options.maxBytes ?? 1_048_576, timeoutMs: options.timeoutMs ?? 10_000 };
  return async (address, request = {}) => {
    const url = new URL(address);
    const trusted = allowed.has(url.origin);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && trusted)) throw new FetchRefused('not https');
    if (url.username !== '' || url.password !== '') throw new FetchRefused('user information in the address');
    const deadline = AbortSignal.timeout(limits.timeoutMs);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const addresses = isIP(host) ? [host] : await Promise.race([resolve(host), rejectAt(deadline)]);
    if (addresses.length === 0) throw new FetchRefused('the name has no address');
    // One private address among public ones is an attack or a mistake; either way it is not used.
    if (!trusted && !addresses.every(isPublicAddress)) throw new FetchRefused('the address is not public');
    return exchange(url, request, addresses, limits.maxBytes, deadline);
  };
}

const resolveBySystem = async (host: string): Promise<string[]> =>
  (await systemLookup(host, { all: true })).map(({ address }) => address);

const rejectAt = (deadline: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    deadline.addEventListener('abort', () => reject(new FetchRefused('took too long')), { once: true });
  });

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** Public unicast only; IPv4 inside IPv6 counts as what it stands for, tunnels and translations as nothing. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  if (address.range() !== 'unicast') return false;
  return address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(globalUnicast);
}

/** Gives the socket the addresses that were checked, whatever the name resolves to by now. */
const pinnedTo =
  (addresses: readonly string[]): LookupFunction =>
  (_host, options, callback) => {
    const pinned = addresses.map((address) => ({ address, family: isIP(address) }));
    if (options.all) callback(null, pinned);
    else callback(null, pinned[0]!.address, pinned[0]!.family);
  };

function exchange(
  url: URL,
  request: GuardedRequest,
  addresses: readonly string[],
  maxBytes: number,
  deadline: AbortSignal,
): Promise<Response> {
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const failed = (fault: unknown) => reject(deadline.aborted ? new FetchRefused('took too long') : fault);
    const outgoing = send(
      url,
      {
        method: request.method ?? 'GET',
        headers: { 'user-agent': 'Latchkey', 'accept-encoding': 'identity', ...request.headers },
        lookup: pinnedTo(addresses),
        agent: false,
        signal: deadline,
      },
      (incoming) => {
        readCapped(incoming, maxBytes)
          .then((body) => resolve(asResponse(incoming, unpacked(incoming, body, maxBytes))))
          .catch(failed);
      },
    );
    outgoing.on('error', failed);
    outgoing.end(request.body);
  });
}

async function readCapped(incoming: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      incoming.destroy();
      throw new FetchRefused('the answer is too large');
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Some pack answers although we ask them not to. What is unpacked counts against the same cap. */
function unpacked({ headers }: IncomingMessage, body: Buffer, maxBytes: number): Buffer {
  const unpack = unpackers[headers['content-encoding']?.trim().toLowerCase() ?? ''];
  if (!unpack || body.length === 0) return body;
  try {
    return unpack(body, { maxOutputLength: maxBytes });
  } catch (fault) {
    const tooLarge = (fault as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new FetchRefused(tooLarge ? 'the answer is too large' : 'the answer cannot be unpacked');
  }
}

const unpackers: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** Statuses whose answers have no body: `Response` refuses one. */
const bodiless = new Set([204, 205, 304]);

function asResponse(incoming: IncomingMessage, body: Buffer): Response {
  const status = incoming.statusCode ?? 0;
  if (status < 200 || status > 599) throw new FetchRefused(`status ${status}`);
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i]!, incoming.rawHeaders[i + 1]!);
  }
  return new Response(bodiless.has(status) ? null : new Uint8Array(body), { status, headers });
}
