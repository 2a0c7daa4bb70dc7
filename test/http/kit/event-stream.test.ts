import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { EventStream, openStreams, type StreamReader } from '../../../src/http/kit/event-stream.ts';
import { testClock } from '../../kit/clock.ts';
import { openStream } from '../../kit/event-source.ts';

/** A server whose every answer is a stream, in the test's hands. */
async function streaming() {
  const streams = openStreams(testClock());
  const server = createServer({ highWaterMark: 1024 });
  server.timeout = 60_000;
  let opened = (_: { reader: StreamReader; raw: ServerResponse; gone: Promise<void> }): void => {};
  server.on('request', (_request, raw) => {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    raw.writeHead(200, { 'content-type': 'text/event-stream' });
    streams.open(
      raw,
      new EventStream((reader) => {
        opened({ reader, raw, gone });
        return resolve;
      }),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    streams,
    async connect() {
      const { promise, resolve } = Promise.withResolvers<Parameters<typeof opened>[0]>();
      opened = resolve;
      const stream = await openStream(url);
      return { stream, ...(await promise) };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('Event streams', () => {
  let world: Awaited<ReturnType<typeof streaming>>;
  afterEach(() => world.close());

  test('a reader that does not read is cut off, with a bounded amount waiting for it; others are not', async () => {
    world = await streaming();
    const slow = await world.connect();
    const quick = await world.connect();
    slow.stream.pause();
    const message = Buffer.from(`data: "${'x'.repeat(16_000)}"\n\n`);
    let most = 0;
    let sent = 0;
    // Sockets hold some megabytes before anything waits here.
    for (; !slow.raw.destroyed && sent < 5_000; sent += 1) {
      slow.reader.send(message);
      quick.reader.send(message);
      if (!slow.raw.destroyed) most = Math.max(most, slow.raw.writableLength);
      await quick.reader.drained();
    }
    await slow.gone;
    expect(slow.raw.destroyed).toBe(true);
    expect(most).toBeLessThanOrEqual(65_536);
    await quick.stream.arrived(sent);
    expect(world.streams.count()).toBe(1);
    // What is sent to somebody who has gone goes nowhere.
    slow.reader.send(message);
    await slow.reader.drained();
  });

  test('is not cut by the timeouts of requests', async () => {
    world = await streaming();
    const { raw } = await world.connect();
    expect(raw.socket!.timeout).toBe(0);
  });

  test('whoever waits for a reader to drain is released when the reader goes', async () => {
    world = await streaming();
    const { reader, stream, raw, gone } = await world.connect();
    stream.pause();
    const message = Buffer.alloc(30_000, 'x');
    while (raw.writableLength === 0) {
      reader.send(message);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const drained = reader.drained();
    await stream.close();
    await gone;
    await drained;
    expect(world.streams.count()).toBe(0);
  });

  test('after the end of all no other is opened', async () => {
    world = await streaming();
    const { stream, gone } = await world.connect();
    world.streams.endAll();
    await stream.ended;
    await gone;
    expect(world.streams.count()).toBe(0);
  });
});
