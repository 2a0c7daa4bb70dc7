import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestOrigin } from '../actor.ts';
import { type ProjectServer, projectServer } from './project-server.ts';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The project's own service, when it shows the token that the operator configured for it; else null. */
export const admitServiceToken = (
  from: RequestOrigin,
  configured: string | null,
  shown: string | null,
): ProjectServer | null =>
  configured !== null && shown !== null && timingSafeEqual(sha256(shown), sha256(configured))
    ? projectServer('server', from)
    : null;
