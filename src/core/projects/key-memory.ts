import { timingSafeEqual } from 'node:crypto';
import type { Instant } from '../../base/clock.ts';
import type { ProjectKeyDigests } from '../../base/configuration.ts';
import { isUsableKey, type ProjectKey, type ProjectKeyKind } from './project-key.ts';

/** Keys of a project that are right without asking the store. */
export interface ProjectKeyMemory {
  knows(kind: ProjectKeyKind, digest: Uint8Array, now: Instant): boolean;
}

/**
 * Those of the configuration, and the publishable ones, which browsers show with every request. A change of the stored
 * keys changes the project, so the memory is made anew with it: at once here, within a second on other nodes.
 */
export function projectKeyMemory(configured: ProjectKeyDigests, stored: readonly ProjectKey[]): ProjectKeyMemory {
  const publishable = new Map(
    stored
      .filter(({ kind, revokedAt }) => kind === 'publishable' && revokedAt === null)
      .map((key) => [nameOf(key.keyHash), key]),
  );
  return {
    knows(kind, digest, now) {
      const own = configured[kind];
      if (own !== null && timingSafeEqual(Buffer.from(own, 'hex'), digest)) return true;
      const key = kind === 'publishable' ? publishable.get(nameOf(digest)) : undefined;
      return key !== undefined && isUsableKey(key, now);
    },
  };
}

const nameOf = (digest: Uint8Array): string => Buffer.from(digest).toString('base64');
