import { Busboy } from '@fastify/busboy';

/**
 * The part of that name in a multipart body (RFC 7578), the last if there are several. What it says of its name and
 * type is not looked at, and it need not say any.
 * @param contentType the request's header, which holds the boundary
 * @returns null: no such body, or no such part
 */
export async function filePart(
  contentType: string | undefined,
  body: Uint8Array,
  name: string,
): Promise<Uint8Array | null> {
  if (!/^multipart\/form-data\s*;/i.test(contentType ?? '')) return null;
  try {
    return await readPart(contentType!, body, name);
  } catch {
    return null; // no boundary, or one that does not end
  }
}

function readPart(contentType: string, body: Uint8Array, name: string): Promise<Uint8Array | null> {
  const found = Promise.withResolvers<Uint8Array | null>();
  const limits = { fileSize: body.byteLength + 1, parts: mostParts, headerPairs: 20 };
  const reader = new Busboy({ headers: { 'content-type': contentType }, isPartAFile: () => true, limits });
  let last: Buffer[] | null = null;
  reader.on('file', (part, stream) => {
    const chunks: Buffer[] = [];
    if (part === name) last = chunks;
    stream.on('data', (chunk: Buffer) => part === name && chunks.push(chunk));
    stream.on('error', found.reject);
  });
  reader.on('finish', () => found.resolve(last && Buffer.concat(last)));
  reader.on('error', found.reject);
  reader.end(body);
  return found.promise;
}

const mostParts = 100;
