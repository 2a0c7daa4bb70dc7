import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A cable between the server and what it depends on, that a test can cut. */
export interface TcpProxy {
  readonly port: number;
  /** Connections that are open now. */
  readonly open: () => number;
  /** Breaks every connection. New ones are let through. */
  cut(): void;
  /** Breaks connections once they ask for something, until `restore`. */
  cutBusy(): void;
  /** Breaks every connection, and refuses new ones until `restore`. */
  refuse(): Promise<void>;
  /** Nothing goes through any more, and nothing breaks: neither on connections that are open nor on new ones. */
  hang(): void;
  /** As at the beginning. Connections that hung are broken. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function tcpProxy(to: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let hangs = false;
  let cutsBusy = false;
  const listener = createServer((near) => {
    const far = connect(to);
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (bytes) => {
        if (cutsBusy) cut();
        else if (!hangs) into.write(bytes);
      });
      from.on('error', end);
      from.on('close', end);
    }
  });
  const listen = async (port: number) => {
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
  };
  await listen(0);
  const { port } = listener.address() as { port: number };
  const cut = () => {
    for (const [near, far] of pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
    pairs.clear();
  };
  return {
    port,
    open: () => pairs.size,
    cut,
    cutBusy() {
      cutsBusy = true;
    },
    async refuse() {
      listener.close();
      cut();
      await once(listener, 'close');
    },
    hang() {
      hangs = true;
    },
    async restore() {
      if (hangs) cut();
      hangs = false;
      cutsBusy = false;
      if (!listener.listening) await listen(port);
    },
    async close() {
      cut();
      if (listener.listening) listener.close();
    },
  };
}
