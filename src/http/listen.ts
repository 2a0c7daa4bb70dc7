import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Listens at the address, and for `localhost` at all that it stands for: some programs connect to 127.0.0.1, others to
 * ::1. One HTTP server takes the connections of all of them, so that none is answered another way.
 *
 * @returns where it answers
 */
export async function listen(
  app: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
  addressesOf: typeof lookupAll = lookupAll,
): Promise<string> {
  if (host !== 'localhost') return app.listen({ host, port });
  const [first, ...others] = await addressesOf(host);
  const doors = others.map((address) => ({
    address,
    door: createServer({ allowHalfOpen: true, noDelay: true }, (socket) => app.server.emit('connection', socket)),
  }));
  // Before the port is taken: nothing may be added to a server that listens.
  app.addHook('preClose', async () => {
    for (const { door } of doors) door.close();
  });
  const answersAt = await app.listen({ host: first!, port });
  const { port: taken } = app.server.address() as AddressInfo;
  for (const { address, door } of doors) {
    door.on('error', (err) => app.log.warn({ err, address }, 'not listening at this address too'));
    door.listen(taken, address);
    // A machine without that address does without it, as long as there is another.
    await once(door, 'listening').catch(() => {});
  }
  return answersAt;
}

/** Waits for requests in progress; what takes longer is cut off. */
export async function closeWithin(app: FastifyInstance, ms: number): Promise<void> {
  const late = setTimeout(() => app.server.closeAllConnections(), ms);
  await app.close().finally(() => clearTimeout(late));
}

async function lookupAll(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
