import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { codePayload, findCode, issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { refuseBeyond } from '../count-limits.ts';
import { endFor } from '../endings/end-for.ts';
import { Conflict, type Tx } from '../store.ts';
import { readDisplayName } from '../users/profile-rules.ts';
import type { Passkey } from './passkey.ts';
import { ceremonyOrigin, relyingPartyId, relyingPartyOf } from './relying-party.ts';

/** What a browser needs to make a passkey: the parts of PublicKeyCredentialCreationOptionsJSON that we decide. */
export interface RegistrationStart {
  /** Kept by the browser in a cookie of the surface and handed back with the response. */
  readonly token: string;
  readonly challenge: string;
  /** Null: the application's own host. */
  readonly rpId: string | null;
  /** Base64url: the user's id in UTF-8, so that a passkey leads back to its person. */
  readonly userHandle: string;
  readonly existing: readonly Passkey[];
}

type Payload = { challenge: string; rpId: string | null };

/** @throws Refusal method_disabled, session_not_fresh, impersonated_session */
export async function startPasskeyRegistration(ctx: Context, actor: UserActor): Promise<RegistrationStart> {
  if (!ctx.project.policy.methods.passkey) throw new Refusal('method_disabled');
  const { user, session } = actor.live;
  const challenge = Buffer.from(ctx.random.bytes(32)).toString('base64url');
  const rpId = relyingPartyId(ctx);
  const token = await act(ctx, actor, { change: 'passkey_added' }, (tx) =>
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
 * display_name_invalid, not_signed_in, session_not_fresh, impersonated_session
 */
export async function registerPasskey(
  ctx: Context,
  actor: UserActor,
  input: { readonly token: string; readonly response: unknown; readonly name: string | null },
): Promise<Passkey> {
  const { user } = actor.live;
  const name = readDisplayName(ctx, input.name?.trim() ?? null);
  const payload = await act(ctx, actor, { change: 'passkey_added' }, async (tx) => {
    const code = await findCode(ctx, tx, 'passkey_registration', input.token);
    if (code instanceof Refusal) return refuse('passkey_challenge_missing', { given: code.code });
    if (!(await tx.codes.spend(code.id, ctx.clock.now())))
      return refuse('passkey_challenge_missing', { given: 'code_used' });
    if (code.userId !== user.id) return refuse('passkey_rejected', { field: 'user' });
    return codePayload<Payload>(ctx, code);
  });
  const origin = ceremonyOrigin(ctx, input.response);
  if (!origin) throw new Refusal('passkey_rejected', { field: 'registration', given: 'origin' });
  const rpId = relyingPartyOf(payload.rpId, origin);
  const { challenge } = payload;
  const made = await ctx.passkeys.verifyRegistration({ response: input.response, origin, challenge, rpId });
  if (!made) throw new Refusal('passkey_rejected', { field: 'registration' });
  const named = {
    ...made,
    id: ctx.ids.next(),
    userId: user.id,
    name,
    rpId,
    madeBy: ctx.surface.name,
    lastUsedAt: null,
    createdAt: ctx.clock.now(),
  };
  const outcome = await act(ctx, actor, { change: 'passkey_added' }, async (tx, { strongFrom }) => {
    const passkey: Passkey = { ...named, strongFrom: strongFrom() };
    if (ctx.surface.passkeys.onePerPerson) await removeOwn(ctx, tx, actor);
    const tooMany = refuseBeyond('passkeys', (await tx.passkeys.listOf(user.id)).length);
    if (tooMany) return tooMany;
    await endFor(ctx, tx, actor, 'passkey_added', user.id);
    await tx.passkeys.insert(passkey);
    await recordEvent(ctx, tx, actor, { type: 'passkey.added', subject: user.id, data: { passkey_id: passkey.id } });
    return passkey;
  }).catch((fault: unknown) => {
    if (fault instanceof Conflict) return refuse('passkey_rejected', { field: 'registration', why: 'known already' });
    throw fault;
  });
  return settle(outcome);
}

/** Those made on other surfaces stay: this one does not show them. */
async function removeOwn(ctx: Context, tx: Tx, actor: UserActor): Promise<void> {
  const { id } = actor.live.user;
  for (const passkey of await tx.passkeys.listOf(id)) {
    if (passkey.madeBy !== ctx.surface.name) continue;
    await tx.passkeys.remove(passkey.id);
    await recordEvent(ctx, tx, actor, { type: 'passkey.removed', subject: id, data: { passkey_id: passkey.id } });
  }
}
