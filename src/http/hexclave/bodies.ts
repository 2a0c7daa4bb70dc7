import type { FastifyInstance } from 'fastify';
import { bodyText, formPairs, parsed } from '../kit/body-text.ts';

/** Says why a body could not be read, in the dialect's words (spec §1.3). */
export class UnreadableBody extends Error {
  readonly statusCode = 400;
}

/** JSON, forms, text and bytes by the part of the content type before `;`; nothing without a type (spec §1.3). */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parsers: Record<string, (body: string) => unknown> = {
    'application/json': (body) => {
      try {
        return parseJson(body);
      } catch {
        throw new UnreadableBody('Invalid JSON in request body');
      }
    },
    'application/x-www-form-urlencoded': (body) => Object.fromEntries(formPairs(body)),
    'text/plain': (body) => body,
  };
  for (const [type, parse] of Object.entries(parsers)) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, finish) =>
      parsed(finish, () => parse(bodyText(body as Buffer))),
    );
  }
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, body, finish) =>
    finish(null, body),
  );
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, _body, finish) => {
    const type = (request.headers['content-type'] ?? '').split(';', 1)[0]!.trim();
    finish(
      type === '' ? null : new UnreadableBody(`Unknown content type in request body: ${type.slice(0, 100)}`),
      undefined,
    );
  });
}

/** Keys that would reach a prototype are dropped before anything copies them. */
const parseJson = (text: string): unknown =>
  JSON.parse(text, (key, value) => {
    if (key === '__proto__' || (key === 'constructor' && Object.hasOwn(Object(value), 'prototype'))) return undefined;
    return value;
  });
