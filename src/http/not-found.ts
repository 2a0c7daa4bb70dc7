import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from './kit/answer.ts';
import { send } from './kit/send.ts';

/** A surface and the part of the address space that is its own. */
export interface Territory {
  /** Null: any host but those that others own. */
  readonly host: string | null;
  readonly ownedByOthers: readonly string[];
  /** Empty: everything on its host. */
  readonly prefix: string;
  notFound(request: FastifyRequest): Answer;
  /** For a path whose escapes are not UTF-8, so that it is nobody's path: 400. */
  undecodable(request: FastifyRequest): Answer;
}

/** Unknown paths are answered by the surface they would belong to: the most exact territory wins. */
export function answerUnknownPaths(app: FastifyInstance, territories: readonly Territory[]): void {
  const byExactness = [...territories].sort(
    (a, b) => Number(b.host !== null) - Number(a.host !== null) || b.prefix.length - a.prefix.length,
  );
  const answer = (how: 'notFound' | 'undecodable', request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const path = request.url.split('?', 1)[0]!;
    const asked = request.headers.host?.toLowerCase() ?? '';
    const owner = byExactness.find(
      ({ host, ownedByOthers, prefix }) =>
        (host === null ? !ownedByOthers.includes(asked) : host === asked) &&
        (prefix === '' || path === prefix || path.startsWith(`${prefix}/`)),
    );
    return send(reply, owner ? owner[how](request) : { status: how === 'notFound' ? 404 : 400 });
  };
  app.setNotFoundHandler((request, reply) => answer('notFound', request, reply));
  app.onStrangePath((request, reply, undecodable) => answer(undecodable ? 'undecodable' : 'notFound', request, reply));
}
