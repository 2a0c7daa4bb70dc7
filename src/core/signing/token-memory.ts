import type { Instant } from '../../base/clock.ts';
import { Lru } from '../../base/lru.ts';
import type { AccessClaims } from './access-token.ts';

/** All verified tokens of this process together. One takes about 2 kB. */
export const tokenMemoryBytes = 32 * 1024 * 1024;

interface Verified {
  readonly projectId: string;
  readonly claims: AccessClaims;
  readonly bytes: number;
}

/**
 * Access tokens whose signature was verified: it does not change, so it is checked once. Shared by all projects, so that
 * its bound holds for all of them together. An expired token is not kept: it is verified again, and refused.
 */
export interface TokenMemory {
  find(projectId: string, token: string, now: Instant): AccessClaims | null;
  keep(projectId: string, token: string, claims: AccessClaims, now: Instant): void;
  /** Call it now and then: a token that is never shown again is found by this alone. */
  dropExpired(now: Instant): void;
  size(): number;
  bytes(): number;
}

export function createTokenMemory(maxBytes = tokenMemoryBytes): TokenMemory {
  const tokens = new Lru<string, Verified>(Number.POSITIVE_INFINITY);
  let bytes = 0;

  const drop = (token: string, { bytes: freed }: Verified): void => {
    tokens.delete(token);
    bytes -= freed;
  };

  return {
    find(projectId, token, now) {
      const known = tokens.get(token);
      if (!known || known.projectId !== projectId) return null;
      if (!isExpired(known.claims, now)) return known.claims;
      drop(token, known);
      return null;
    },
    keep(projectId, token, claims, now) {
      if (isExpired(claims, now) || tokens.has(token)) return;
      // The text, and the claims in it as objects.
      const entry = { projectId, claims, bytes: 2 * token.length + 256 };
      tokens.set(token, entry);
      bytes += entry.bytes;
      while (bytes > maxBytes) bytes -= tokens.dropOldest()!.bytes;
    },
    dropExpired(now) {
      for (const [token, entry] of tokens) if (isExpired(entry.claims, now)) drop(token, entry);
    },
    size: () => tokens.size,
    bytes: () => bytes,
  };
}

const isExpired = ({ exp }: AccessClaims, now: Instant): boolean => now >= exp * 1000;
