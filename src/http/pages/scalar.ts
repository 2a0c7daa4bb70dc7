import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';

/** The script that shows documents for reading and searching (github.com/scalar/scalar). */
export interface Scalar {
  readonly file: string;
  /** Own path; another version has another, so browsers may keep it. */
  readonly url: string;
}

const script = 'dist/browser/standalone.js';

/**
 * Beside the built server (`scripts/build.ts` puts it there), or a package that was installed to develop it.
 * @returns null where neither is: there is the plain list
 */
export function findScalar(beginAt: string = import.meta.dirname): Scalar | null {
  const copied = join(beginAt, 'scalar');
  for (const folder of [copied, installed(beginAt)]) {
    if (folder === null || !existsSync(join(folder, script))) continue;
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { file: join(folder, script), url: `/-/scalar-${version}.js` };
  }
  return null;
}

function installed(beginAt: string): string | null {
  for (let folder = beginAt; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules/@scalar/api-reference');
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) return null;
  }
}

/** Five megabytes: read from the disk when somebody asks, and kept by the browser. */
export function serveScalar(app: FastifyInstance, { file, url }: Scalar): void {
  app.get(url, { exposeHeadRoute: false }, (_request, reply) =>
    reply
      .header('content-type', 'text/javascript; charset=utf-8')
      .header('cache-control', 'public, max-age=31536000, immutable')
      .send(createReadStream(file)),
  );
}
