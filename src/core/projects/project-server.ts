import type { RequestOrigin } from '../actor.ts';
import type { ServerLevel } from './server-level.ts';

declare const admitted: unique symbol;

/** A service of the project's owner, made by the files named `admit-…` of this folder alone: they saw its credential. */
export interface ProjectServer {
  readonly kind: 'server';
  readonly level: ServerLevel;
  readonly from: RequestOrigin;
  readonly [admitted]: true;
}

/** Only after a credential was checked; `test/architecture.test.ts` lists who may call it. */
export const projectServer = (level: ServerLevel, from: RequestOrigin): ProjectServer =>
  ({ kind: 'server', level, from }) as ProjectServer;
