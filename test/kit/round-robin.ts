import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy as people run it: requests go in turns to the nodes whose `/readyz` says yes. It tries nothing twice. */
export interface RoundRobin {
  readonly url: string;
  /** Requests that no node answered, with what happened. */
  readonly broken: readonly string[];
  /** Answers of each node, by its address. */
  readonly answered: ReadonlyMap<string, number>;
  /** Resolves when the node is out of the turns. */
  leftOut(node: string): Promise<void>;
  close(): Promise<void>;
}

const askEveryMs = 50;

export async function roundRobin(nodes: readonly string[]): Promise<RoundRobin> {
  const ready = new Set<string>();
  const answered = new Map(nodes.map((node) => [node, 0]));
  const broken: string[] = [];
  const agent = new Agent({ keepAlive: true });
  let watchers: (() => void)[] = [];
  let turn = 0;

  const watch = async (node: string) => {
    const ok = await fetch(`${node}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ok) ready.add(node);
    else ready.delete(node);
    for (const look of watchers) look();
  };
  const timer = setInterval(() => void nodes.map(watch), askEveryMs);

  const server = createServer((incoming, outgoing) => {
    const open = nodes.filter((node) => ready.has(node));
    const node = open[turn++ % open.length];
    if (!node) {
      outgoing.writeHead(503).end();
      return;
    }
    const { method = 'GET', headers, url } = incoming;
    const passedOn = request(`${node}${url}`, { method, headers, agent }, (answer) => {
      answered.set(node, answered.get(node)! + 1);
      const { connection, ...rest } = answer.headers;
      outgoing.writeHead(answer.statusCode!, rest);
      answer.pipe(outgoing);
    });
    passedOn.on('error', (fault) => {
      broken.push(`${method} ${url} at ${node}: ${fault.message}`);
      outgoing.writeHead(502).end();
    });
    incoming.pipe(passedOn);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    broken,
    answered,
    leftOut: (node) =>
      new Promise((resolve) => {
        watchers.push(() => {
          if (!ready.has(node)) resolve();
        });
      }),
    async close() {
      watchers = [];
      clearInterval(timer);
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}
