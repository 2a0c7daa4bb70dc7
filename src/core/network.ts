import { isIPv6 } from 'node:net';

/** The network a person is counted under: /24 of IPv4, /64 of IPv6; mapped IPv4 counts as IPv4 (W4). */
export function networkOf(ip: string | null): string {
  if (ip === null) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  const address = mapped ?? ip;
  if (!isIPv6(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  return `${expandIPv6(address).slice(0, 4).join(':')}::/64`;
}

/** One bucket per IPv4 address and per IPv6 /64. */
export function hostOf(ip: string | null): string {
  if (ip === null) return 'unknown';
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  const address = mapped ?? ip;
  return isIPv6(address) ? networkOf(address) : address;
}

function expandIPv6(address: string): string[] {
  const [head = '', tail = ''] = address.replace(/%.*$/, '').toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const middle = address.includes('::') ? Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0') : [];
  return [...left, ...middle, ...right].map((group) => Number.parseInt(group || '0', 16).toString(16));
}
