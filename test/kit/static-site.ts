import { once } from 'node:events';
import { createServer } from 'node:http';
import { freePort } from './free-port.ts';

export interface StaticSite {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * The site of an application, on an origin of its own: one page at every path, and the script that it runs. Nothing moves
 * on it, so that nobody waits for it to come to rest.
 */
export async function staticSite(script: string, settings: unknown): Promise<StaticSite> {
  const port = await freePort();
  const page = [
    '<!doctype html><meta charset="utf-8"><title>Application</title><link rel="icon" href="data:,">',
    '<style>*, *::before, *::after { animation: none !important; transition: none !important }</style>',
    '<div id="root"></div>',
    `<script>var settings = ${JSON.stringify(settings)}</script><script src="/page.js"></script>`,
  ].join('');
  const server = createServer((request, response) => {
    const [type, body] = request.url === '/page.js' ? ['text/javascript', script] : ['text/html', page];
    // A script that is kept is not compiled again.
    if (body === script) response.setHeader('cache-control', 'max-age=3600');
    response.setHeader('content-type', `${type}; charset=utf-8`).end(body);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://localhost:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
