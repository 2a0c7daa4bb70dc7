import { createHash, timingSafeEqual } from 'node:crypto';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { TrustedUrl } from '../return-urls.ts';

/**
 * What a client asked for when it sent a browser to sign in here: it gets a code, bound to all of this
 * (RFC 6749 §4.1.1, RFC 7636 §4.3).
 */
export type OuterRequest = {
  /** Where the code goes; without a fragment. Whether it is trusted is asked when the code is made. */
  redirectUri: string;
  /** Handed back as it came. */
  state: string;
  codeChallenge: string;
  codeChallengeMethod: 'S256';
  /** Where the client goes on after it has its tokens. Already checked. */
  returnTo: TrustedUrl | null;
};

/** What the client shows with its code. */
export interface CodeProof {
  readonly redirectUri: string;
  readonly codeVerifier: string;
}

/** A client exchanges its code at once (rule 25). */
export const clientCodeSeconds = 60;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Does the verifier fit the challenge (RFC 7636 §4.6)? What was stored before `plain` was refused fits nothing. */
export function provesChallenge(request: OuterRequest, { codeVerifier }: CodeProof): boolean {
  if (request.codeChallengeMethod !== 'S256') return false;
  return timingSafeEqual(digest(digest(codeVerifier).toString('base64url')), digest(request.codeChallenge));
}

/** RFC 6749 §4.1.3: the same one, to the letter. Null when it is. */
export const redirectRefusal = (request: OuterRequest, { redirectUri }: CodeProof): Refusal | null =>
  redirectUri === request.redirectUri ? null : refuse('redirect_uri_rejected');
