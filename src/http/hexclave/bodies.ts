import { gunzip, inflate } from 'node:zlib';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { bodyText, formPairs, parsed } from '../kit/body-text.ts';
import { jsonText } from '../kit/json-text.ts';

/** Says why a body could not be read, in the dialect's words (spec §1.3). */
export class UnreadableBody extends Error {
  readonly statusCode = 400;
}

type Unpack = (
  packed: Buffer,
  options: { readonly maxOutputLength: number },
  done: (fault: Error | null, body: Buffer) => void,
) => void;
const unpackers: Readonly<Record<string, Unpack>> = { gzip: gunzip, deflate: inflate };

class BodyTooLarge extends Error {
  readonly statusCode = 413;
}

/**
 * A body as it was before it was packed, as newer clients send them (spec §1.3). What comes out is held to the limit of
 * the route, as what came in was.
 */
function unpack(request: FastifyRequest, body: Buffer, done: (fault: Error | null, body: Buffer) => void): void {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const unpacker = Object.hasOwn(unpackers, encoding) ? unpackers[encoding] : undefined;
  if (encoding === 'identity') done(null, body);
  else if (!unpacker) {
    done(new UnreadableBody(`Unknown content encoding of request body: ${encoding.slice(0, 100)}`), body);
  } else {
    unpacker(body, { maxOutputLength: request.routeOptions.bodyLimit }, (fault, unpacked) =>
      done(fault && unpackFault(fault), unpacked),
    );
  }
}

const unpackFault = (fault: NodeJS.ErrnoException): Error =>
  fault.code === 'ERR_BUFFER_TOO_LARGE'
    ? new BodyTooLarge()
    : new UnreadableBody('Invalid compressed data in request body');

/** JSON, forms, text and bytes by the part of the content type before `;`; nothing without a type (spec §1.3). */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parsers: Record<string, (body: Buffer) => unknown> = {
    'application/json': (body) => {
      const text = jsonText(body);
      try {
        return parseJson(text);
      } catch {
        throw new UnreadableBody('Invalid JSON in request body');
      }
    },
    'application/x-www-form-urlencoded': (body) => Object.fromEntries(formPairs(bodyText(body))),
    'text/plain': bodyText,
  };
  for (const [type, parse] of Object.entries(parsers)) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body, finish) =>
      unpack(request, body as Buffer, (fault, unpacked) =>
        fault === null ? parsed(finish, () => parse(unpacked)) : finish(fault),
      ),
    );
  }
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (request, body, finish) =>
    unpack(request, body as Buffer, finish),
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
