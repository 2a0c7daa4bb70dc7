import type { FastifyRequest } from 'fastify';

/** How much of a body that nobody wants is read on, and for how long. */
const mostBytes = 32 * 1_048_576;
const longestMs = 10_000;

/**
 * Reads what is still coming of a body that was refused for its size, and forgets it. Most clients send all before they
 * read the answer; one whose connection is closed meanwhile sees a broken connection instead of the reason.
 */
export async function drainBody({ raw }: FastifyRequest): Promise<void> {
  if (raw.readableEnded || raw.destroyed) return;
  let bytes = 0;
  const done = Promise.withResolvers<void>();
  const timer = setTimeout(done.resolve, longestMs);
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > mostBytes) done.resolve();
  };
  raw.on('data', count).once('end', done.resolve).once('close', done.resolve);
  raw.resume();
  await done.promise;
  clearTimeout(timer);
  raw.off('data', count);
}

export const isTooLarge = (error: unknown): boolean => {
  const { code, statusCode } = error as { readonly code?: string; readonly statusCode?: number };
  return code === 'FST_ERR_CTP_BODY_TOO_LARGE' || statusCode === 413;
};
