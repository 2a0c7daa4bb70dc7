import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import ipaddr from 'ipaddr.js';

/**
 * The address of whoever sent a request, as one spelling per address, so that limits, events and sessions count the same
 * client alike. Null when the connection has none.
 */
export type ClientAddress = (request: Pick<IncomingMessage, 'socket' | 'headers'>) => string | null;

/** Longer text is no address: IPv6 has 45 characters at most, and a zone, brackets and a port come on top. */
const longestText = 80;

/**
 * An address without port, brackets and zone; IPv6 in the form of RFC 5952, IPv4-mapped IPv6 as IPv4. Some proxies send
 * the port with it. Null for what is no address, as `unknown` and `_hidden` (RFC 7239 §6).
 */
export function parseAddress(text: string | undefined): string | null {
  if (text === undefined || text.length > longestText) return null;
  const trimmed = text.trim();
  if (isIPv4(trimmed)) return trimmed;
  const bracketed = /^\[(.+)\](?::\d{1,5})?$/.exec(trimmed)?.[1];
  const withPort = /^([\d.]+):\d{1,5}$/.exec(trimmed)?.[1];
  const [address = ''] = (bracketed ?? withPort ?? trimmed).split('%', 1);
  if (isIPv4(address)) return address === withPort ? address : null;
  if (!isIPv6(address)) return null;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}

/**
 * Walks `X-Forwarded-For` from the right for as long as the address that reported a hop is a trusted proxy (rule 21).
 * What is no address ends the walk there: the proxy that reported it counts, never what stands further to the left.
 */
export function clientAddressBehind(trustedProxies: readonly string[]): ClientAddress {
  if (trustedProxies.length === 0) return ({ socket }) => parseAddress(socket.remoteAddress);
  const trusts = proxyAddr.compile([...trustedProxies]);
  return ({ socket, headers }) => {
    let address = parseAddress(socket.remoteAddress);
    // Node joins repeated headers with commas.
    const hops = [headers['x-forwarded-for'] ?? []].flat().join(',');
    for (let end = hops.length, hop = 0; address !== null && end > 0 && trusts(address, hop); hop += 1) {
      const comma = hops.lastIndexOf(',', end - 1);
      const next = parseAddress(hops.slice(comma + 1, end));
      if (next === null) break;
      address = next;
      end = comma;
    }
    return address;
  };
}
