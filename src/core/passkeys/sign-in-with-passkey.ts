import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { refuseSignIn } from '../audit/refuse-sign-in.ts';
import { codePayload, findCode, issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import type { Passkey } from './passkey.ts';
import { ceremonyOrigin, credentialIdOf, relyingPartyId, relyingPartyOf } from './relying-party.ts';

export interface SignInStart {
  readonly token: string;
  readonly challenge: string;
  /** Null: the application's own host. */
  readonly rpId: string | null;
  /** Only for somebody signed in: for a stranger, which passkeys exist is nobody's business (rule 17). */
  readonly allowed: readonly Passkey[];
}

type Payload = { challenge: string; rpId: string | null };

/** @throws Refusal method_disabled */
export async function startPasskeySignIn(ctx: Context, actor: Actor): Promise<SignInStart> {
  if (!ctx.project.policy.methods.passkey) throw new Refusal('method_disabled');
  const challenge = Buffer.from(ctx.random.bytes(32)).toString('base64url');
  const rpId = relyingPartyId(ctx);
  const token = await asBearer(ctx, { credential: 'none' }, (tx) =>
    issueCode(ctx, tx, {
      purpose: 'passkey_sign_in',
      lifeSeconds: ctx.surface.codes.passkeyCeremonySeconds,
      payload: { challenge, rpId } satisfies Payload,
    }),
  );
  const own = actor.kind === 'user' ? await ctx.store.read.passkeys.listOf(actor.live.user.id) : [];
  return { token, challenge, rpId, allowed: own.filter((passkey) => passkey.rpId === rpId) };
}

/**
 * Signs in with what an authenticator signed. With user verification it stands for two factors (core map F1).
 * @throws Refusal passkey_challenge_missing, passkey_not_found, passkey_rejected, and what the gate refuses
 */
export async function signInWithPasskey(
  ctx: Context,
  actor: Actor,
  input: { readonly token: string; readonly response: unknown; readonly trustToken?: string | null },
): Promise<Admission> {
  const payload = settle(
    await asBearer(ctx, { credential: 'passkey' }, async (tx) => {
      const code = await findCode(ctx, tx, 'passkey_sign_in', input.token);
      if (code instanceof Refusal) return refuse('passkey_challenge_missing', { given: code.code });
      if (!(await tx.codes.spend(code.id, ctx.clock.now())))
        return refuse('passkey_challenge_missing', { given: 'code_used' });
      return codePayload<Payload>(ctx, code);
    }),
  );
  const passkey = await ctx.store.read.passkeys.findByCredential(credentialIdOf(input.response));
  const origin = ceremonyOrigin(ctx, input.response);
  const rpId = origin === null ? payload.rpId : relyingPartyOf(payload.rpId, origin);
  if (!passkey || (rpId !== null && passkey.rpId !== rpId))
    throw new Refusal('passkey_not_found', { field: 'sign_in' });
  const { challenge } = payload;
  const ceremony = origin !== null && rpId !== null && { response: input.response, origin, challenge, rpId, passkey };
  const shown = ceremony && (await ctx.passkeys.verifySignIn(ceremony));
  return settle(
    await asBearer(ctx, { credential: 'passkey' }, async (tx) => {
      const person = await tx.users.find(passkey.userId);
      if (!person) return refuse('passkey_not_found', { field: 'sign_in' });
      // The counter is tested again by the write itself: of a key and its clone one gets in.
      if (!shown || !(await tx.passkeys.use(passkey.id, passkey.counter, shown.counter, ctx.clock.now()))) {
        const refused = refuse('passkey_rejected', { field: 'sign_in', ...(origin === null && { given: 'origin' }) });
        return refuseSignIn(ctx, tx, actor, refused, { person: person.id, method: 'passkey' });
      }
      return admitUser(ctx, tx, actor, person, {
        method: 'passkey',
        strongFrom: passkey.strongFrom,
        secondFactor: shown.userVerified ? 'user_verified' : null,
        persistent: true,
        trustToken: input.trustToken ?? null,
      });
    }),
  );
}
