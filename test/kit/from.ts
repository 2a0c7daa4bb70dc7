import type { Anonymous, UserActor } from '../../src/core/actor.ts';

/** Somebody unknown at an address. */
export const strangerAt = (ip: string): Anonymous => ({ kind: 'anonymous', from: { ip, userAgent: 'test' } });

/** The same session, used from another address. */
export const movedTo = (ip: string, actor: UserActor): UserActor => ({ ...actor, from: { ip, userAgent: 'test' } });
