/**
 * A lean load generator: fixed connections, one request in flight on each, requests prepared before the run. It costs
 * far less than the servers it measures, so that what it shows is theirs.
 */
import { connect, type Socket } from 'node:net';

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly seconds: number;
  /** Called for every request; returns the whole request as bytes. */
  readonly next: () => Buffer;
}

export interface Measured {
  readonly requests: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly statuses: Readonly<Record<string, number>>;
}

export async function load({ port, connections, seconds, next }: Load): Promise<Measured> {
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  const began = performance.now();
  const end = began + seconds * 1000;

  await Promise.all(Array.from({ length: connections }, () => run()));

  const elapsed = (performance.now() - began) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
  return { requests: latencies.length, perSecond: latencies.length / elapsed, p50: at(0.5), p99: at(0.99), statuses };

  function run(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
      let sent = 0;
      let received = '';
      const send = () => {
        if (performance.now() >= end) {
          socket.destroy();
          resolve();
          return;
        }
        received = '';
        sent = performance.now();
        socket.write(next());
      };
      socket.on('connect', send);
      socket.on('error', reject);
      socket.on('close', () => resolve());
      socket.on('data', (chunk) => {
        received = received === '' ? chunk.toString('latin1') : received + chunk.toString('latin1');
        if (!isWhole(received)) return;
        latencies.push(performance.now() - sent);
        const status = received.slice(9, 12);
        statuses[status] = (statuses[status] ?? 0) + 1;
        send();
      });
    });
  }
}

function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, head));
  if (length) return text.length >= head + 4 + Number(length[1]);
  return /\r\ntransfer-encoding: *chunked/i.test(text.slice(0, head)) ? text.endsWith('0\r\n\r\n') : true;
}

export const get = (path: string, headers: Readonly<Record<string, string>>): Buffer =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headerLines(headers)}\r\n`);

export const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Buffer => {
  const text = JSON.stringify(body);
  const all = { ...headers, 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) };
  return Buffer.from(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headerLines(all)}\r\n${text}`);
};

const headerLines = (headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
