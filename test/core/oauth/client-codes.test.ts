import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { hours } from '../../../src/base/clock.ts';
import { asSystem } from '../../../src/core/acting.ts';
import type { UserActor } from '../../../src/core/actor.ts';
import { holdVisit } from '../../../src/core/identities/hold-visit.ts';
import { issueOuterCode } from '../../../src/core/oauth/issue-outer-code.ts';
import type { OuterRequest } from '../../../src/core/oauth/outer-request.ts';
import { redeemOuterCode } from '../../../src/core/oauth/redeem-outer-code.ts';
import { redeemSharedSession, shareSession } from '../../../src/core/sessions/share-session.ts';
import { onOneEngine, stranger } from '../../kit/core-world.ts';
import { outcomeOf } from '../../kit/outcome.ts';
import { scriptedProvider } from '../../kit/provider-world.ts';

const codeVerifier = 'a-verifier-of-the-length-that-is-needed-for-pkce';
const redirectUri = 'http://localhost:3000/handler/oauth-callback';
const request: OuterRequest = {
  ...{ redirectUri, state: 'of the client', codeChallengeMethod: 'S256', returnTo: null },
  codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
};
const proof = { redirectUri, codeVerifier };
const otherProofs = {
  'another verifier': { ...proof, codeVerifier: `${codeVerifier}x` },
  'another redirect URI': { ...proof, redirectUri: `${redirectUri}/` },
};

const corp = scriptedProvider('corp');
const identityProviders = { find: (key: string) => (key === 'corp' ? corp : null), list: () => [corp] };

onOneEngine('The code of a client', { identityProviders }, (world) => {
  const ctx = () => world.context('hexclave');
  const member = async (): Promise<UserActor> => (await world.signIn(await world.person())).actor;
  const lives = async (id: string) => (await ctx().store.read.sessions.find(id)) !== null;

  describe('that signs in', () => {
    const issued = async (): Promise<string> => {
      const { id: userId } = await world.person();
      return asSystem(ctx(), (tx) =>
        issueOuterCode(ctx(), tx, { request, userId, isNewUser: false, strongFrom: null, linking: null }),
      );
    };
    const redeem = (code: string, shown = proof) => redeemOuterCode(ctx(), stranger, { ...shown, code });

    test('works once, and its second use ends the session that the first one gave', async () => {
      const code = await issued();
      const { admission } = await redeem(code);
      if (admission.kind !== 'session') throw new Error('no session');
      expect(await lives(admission.live.session.id)).toBe(true);
      expect(await outcomeOf(redeem(code))).toBe('grant_rejected');
      expect(await lives(admission.live.session.id)).toBe(false);
    });

    test('is spent by a verifier that does not fit, and not by another redirect URI', async () => {
      const guessed = await issued();
      expect(await outcomeOf(redeem(guessed, otherProofs['another verifier']))).toBe('grant_rejected');
      expect(await outcomeOf(redeem(guessed))).toBe('grant_rejected');
      const misdirected = await issued();
      expect(await outcomeOf(redeem(misdirected, otherProofs['another redirect URI']))).toBe('redirect_uri_rejected');
      expect(await outcomeOf(redeem(misdirected))).toBe('ok');
    });
  });

  describe('that links an identity', () => {
    let subjects = 0;
    /** Begun in the session of `asked`, for the person of `linked`. */
    async function link(asked: UserActor, linked: UserActor, wait = 0): Promise<[string, number]> {
      const profile = {
        email: linked.live.user.email!.value,
        emailVerified: true,
        name: null,
        imageUrl: null,
        raw: {},
      };
      const visit = holdVisit({
        facts: corp.facts,
        profile: { ...profile, subject: `subject ${++subjects}` },
        tokens: {
          ...{ accessToken: null, refreshToken: null, idToken: null, accessExpiresAt: null, refreshExpiresAt: null },
          scopes: [],
        },
      });
      const userId = linked.live.user.id;
      const linking = { sessionId: asked.live.session.id, visit };
      world.clock.advance(wait);
      const code = await asSystem(ctx(), (tx) =>
        issueOuterCode(ctx(), tx, { request, userId, isNewUser: false, strongFrom: null, linking }),
      );
      const outcome = await outcomeOf(redeemOuterCode(ctx(), stranger, { ...proof, code }));
      return [outcome, (await ctx().store.read.identities.listOf(userId)).length];
    }

    test('rests on the session that asked for it', async () => {
      const actor = await member();
      expect(await link(actor, actor)).toEqual(['ok', 1]);
    });

    test('links nothing for the session of somebody else', async () => {
      expect(await link(await member(), await member())).toEqual(['flow_not_found', 0]);
    });

    test('links nothing once the session has ended', async () => {
      const actor = await member();
      await asSystem(ctx(), (tx) => tx.sessions.end(actor.live.session.id));
      expect(await link(actor, actor)).toEqual(['flow_not_found', 0]);
    });

    test('owes the proof that linking does', async () => {
      const actor = await member();
      expect(await link(actor, actor, hours(24))).toEqual(['session_not_fresh', 0]);
    });
  });

  describe('that hands a session over', () => {
    const share = async (made: OuterRequest | null) => {
      const { actor, token } = await world.signIn(await world.person());
      return { code: await shareSession(ctx(), actor, token, made), session: actor.live.session.id };
    };
    const redeem = (code: string, shown: typeof proof | null) => redeemSharedSession(ctx(), stranger, code, shown);

    test('wants the proof of the client it was made for, and none where it was made for no client', async () => {
      expect(await outcomeOf(redeem((await share(request)).code, null))).toBe('code_not_found');
      expect(await outcomeOf(redeem((await share(null)).code, proof))).toBe('code_not_found');
      expect(await outcomeOf(redeem((await share(request)).code, proof))).toBe('ok');
      expect(await outcomeOf(redeem((await share(null)).code, null))).toBe('ok');
    });

    test('is spent by a verifier that does not fit, and not by another redirect URI', async () => {
      const guessed = await share(request);
      expect(await outcomeOf(redeem(guessed.code, otherProofs['another verifier']))).toBe('grant_rejected');
      expect(await outcomeOf(redeem(guessed.code, proof))).toBe('code_used');
      const misdirected = await share(request);
      const away = redeem(misdirected.code, otherProofs['another redirect URI']);
      expect(await outcomeOf(away)).toBe('redirect_uri_rejected');
      expect(await outcomeOf(redeem(misdirected.code, proof))).toBe('ok');
    });

    test('ends the session when a client shows it twice', async () => {
      const { code, session } = await share(request);
      await redeem(code, proof);
      expect(await outcomeOf(redeem(code, proof))).toBe('code_used');
      expect(await lives(session)).toBe(false);
    });
  });
});
