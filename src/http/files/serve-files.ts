import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../core/context.ts';
import { readPublicFile } from '../../core/files/read-file.ts';

interface Params {
  readonly project: string;
  readonly namespace: string;
  readonly key: string;
}

const projectForm = /^(?:internal|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/**
 * Stored images, for everybody, at an address whose content never changes, for as long as somebody shows them. What they are was decided when they were
 * made; browsers are told to take them for nothing else (rule 34).
 * @param find the project of an id; null when there is none
 */
export function serveFiles(http: FastifyInstance, find: (projectId: string) => Promise<Context | null>): void {
  http.get<{ Params: Params }>('/-/files/:project/:namespace/:key', async (request, reply) => {
    const { project, namespace, key } = request.params;
    const ctx = projectForm.test(project) ? await find(project) : null;
    const found = ctx && (await readPublicFile(ctx, namespace, key));
    if (!found) return reply.callNotFound();
    const tag = `"${Buffer.from(found.file.sha256).toString('hex')}"`;
    if (knows(request, tag)) return withHeaders(reply, tag).code(304).send();
    const bytes = await found.read();
    if (bytes === null) {
      request.log.error({ request: request.id, namespace, key }, 'a stored file is not in the storage');
      return reply.callNotFound();
    }
    return withHeaders(reply, tag)
      .header('content-type', found.file.contentType)
      .header('content-security-policy', "default-src 'none'; sandbox")
      .send(Buffer.from(bytes));
  });
}

const withHeaders = (reply: FastifyReply, tag: string): FastifyReply =>
  reply
    .header('etag', tag)
    // People take their pictures away, and then they are to be gone.
    .header('cache-control', 'public, max-age=600')
    .header('x-content-type-options', 'nosniff')
    // Pages of other origins show people's pictures.
    .header('cross-origin-resource-policy', 'cross-origin');

/** RFC 9110 §13.1.2: weak comparison. */
function knows({ headers }: FastifyRequest, tag: string): boolean {
  const known = headers['if-none-match'];
  if (known === undefined) return false;
  return known.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag);
}
