import { Redis } from 'ioredis';
import { toldOnce } from '../../base/told-once.ts';
import type { FaultReport } from '../engine.ts';
import { type InvalidationBus, messages } from './bus.ts';
import { type Channel, invalidationListener } from './listener.ts';

/** How long a committed write waits for Redis to take its message; after that it is sent when Redis is back. */
const publishWithinMs = 500;

/** @param name of the channel: installations that share a Redis server use different ones */
export function redisBus(url: string, node: string, onFault: FaultReport, name = 'latchkey:sessions'): InvalidationBus {
  // Messages queue while the line is down: every one is sent in the end.
  const publisher = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true });
  const outage = toldOnce(onFault, 'Redis cannot be reached to publish session invalidations');
  publisher.on('error', outage.fault);
  publisher.on('ready', outage.isBack);
  const listener = invalidationListener(redisChannel(url, name), node, onFault);

  async function publish(text: string): Promise<void> {
    const sent = publisher.publish(name, text).catch((fault) => onFault('a session invalidation was not sent', fault));
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, publishWithinMs);
    await Promise.race([sent, late]);
    clearTimeout(timer);
  }

  return {
    ...listener,
    beforeCommit: async () => {},
    afterCommit: async (change) => {
      await Promise.all(messages(node, change).map((message) => publish(JSON.stringify(message))));
    },
    async close() {
      await listener.close();
      publisher.disconnect();
    },
  };
}

const redisChannel = (url: string, name: string): Channel => ({
  async open({ message, lost }) {
    // Reconnecting is the listener's business: it must know of every gap.
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 3_000 });
    let closing = false;
    let cause: unknown = new Error('the connection ended');
    client.on('error', (fault) => {
      cause = fault;
    });
    client.on('end', () => {
      if (closing) return;
      closing = true;
      lost(cause);
    });
    client.on('message', (_channel: string, text: string) => message(text));
    try {
      await client.connect();
      await client.subscribe(name);
    } catch (fault) {
      closing = true;
      client.disconnect();
      throw fault;
    }
    return {
      ping: () => client.ping(),
      async close() {
        closing = true;
        client.disconnect();
      },
    };
  },
});
