import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { codePayload, findCode, issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { Conflict } from '../store.ts';
import { readDisplayName } from '../users/profile-rules.ts';
import type { Passkey } from './passkey.ts';
import { ceremonyOrigin, relyingPartyId } from './relying-party.ts';

/** What a browser needs to make a passkey: the parts of PublicKeyCredentialCreationOptionsJSON that we decide. */
export interface RegistrationStart {
  /** Kept by the browser in a cookie of the surface and handed back with the response. */
  readonly token: string;
  readonly challenge: string;
  readonly rpId: string;
  /** Base64url: the user's id in UTF-8, so that a passkey leads back to its person. */
  readonly userHandle: string;
  readonly existing: readonly Passkey[];
}

type Payload = { challenge: string; rpId: string };

/** @throws Refusal method_disabled */
export async function startPasskeyRegistration(ctx: Context, actor: UserActor): Promise<RegistrationStart> {
  if (!ctx.project.policy.methods.passkey) throw new Refusal('method_disabled');
  const { user, session } = actor.live;
  const challenge = Buffer.from(ctx.random.bytes(32)).toString('base64url');
  const rpId = relyingPartyId(ctx);
  const token = await ctx.store.transaction((tx) =>
    issueCode(ctx, tx, {
      purpose: 'passkey_registration',
      lifeSeconds: ctx.surface.codes.passkeyCeremonySeconds,
      userId: user.id,
      sessionId: session.id,
      payload: { challenge, rpId } satisfies Payload,
    }),
  );
  const existing = (await ctx.store.read.passkeys.listOf(user.id)).filter((passkey) => passkey.rpId === rpId);
  return { token, challenge, rpId, userHandle: Buffer.from(user.id).toString('base64url'), existing };
}

/**
 * Keeps the passkey that a browser made. The challenge is spent whether or not the ceremony holds.
 * @throws Refusal passkey_challenge_missing, passkey_rejected (`field: user` for a challenge of somebody else),
 * display_name_invalid, not_signed_in
 */
export async function registerPasskey(
  ctx: Context,
  actor: UserActor,
  input: { readonly token: string; readonly response: unknown; readonly name: string | null },
): Promise<Passkey> {
  const { user, session } = actor.live;
  const name = readDisplayName(ctx, input.name?.trim() ?? null);
  const payload = settle(
    await ctx.store.transaction(async (tx) => {
      const code = await findCode(ctx, tx, 'passkey_registration', input.token);
      if (code instanceof Refusal) return refuse('passkey_challenge_missing', { why: code.code });
      if (!(await tx.codes.spend(code.id, ctx.clock.now())))
        return refuse('passkey_challenge_missing', { why: 'race' });
      if (code.userId !== user.id) return refuse('passkey_rejected', { field: 'user' });
      return codePayload<Payload>(ctx, code);
    }),
  );
  const origin = ceremonyOrigin(ctx, input.response);
  const made = origin && (await ctx.passkeys.verifyRegistration({ response: input.response, origin, ...payload }));
  if (!made) throw new Refusal('passkey_rejected', { field: 'registration' });
  const passkey: Passkey = {
    ...made,
    id: ctx.ids.next(),
    userId: user.id,
    name,
    rpId: payload.rpId,
    madeBy: ctx.surface.name,
    lastUsedAt: null,
    createdAt: ctx.clock.now(),
  };
  const outcome = await ctx.store
    .transaction(async (tx) => {
      if (!(await tx.sessions.find(session.id))) return refuse('not_signed_in');
      await tx.passkeys.insert(passkey);
      await recordEvent(ctx, tx, actor, { type: 'passkey.added', subject: user.id, data: { passkey_id: passkey.id } });
      return passkey;
    })
    .catch((fault: unknown) => {
      if (fault instanceof Conflict) return refuse('passkey_rejected', { field: 'registration', why: 'known already' });
      throw fault;
    });
  return settle(outcome);
}
