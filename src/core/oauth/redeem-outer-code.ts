import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { codePayload, findCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { refuseChange, strongFrom as strongFromNow } from '../credentials/proof.ts';
import { endWhatCodeGave } from '../endings/end-what-code-gave.ts';
import { retryingConflict } from '../identities/enter-by-provider.ts';
import { type HeldVisit, heldVisit } from '../identities/hold-visit.ts';
import { linkIdentity } from '../identities/link-identity.ts';
import type { TrustedUrl } from '../return-urls.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import type { Tx } from '../store.ts';
import { statusRefusal } from '../users/user-status.ts';
import type { OuterPayload } from './issue-outer-code.ts';
import { type CodeProof, provesChallenge, redirectRefusal } from './outer-request.ts';

export interface RedeemedCode {
  readonly admission: Admission;
  readonly isNewUser: boolean;
  readonly returnTo: TrustedUrl | null;
}

/**
 * The client exchanges its code. A verifier that does not fit spends the code: nobody gets a second guess. A second use
 * ends what the first gave.
 * Order: code → verifier → redirect URI → identity to link → gate.
 * @throws Refusal grant_rejected, redirect_uri_rejected, flow_not_found (`field: session`: it ended while its person was
 * at the provider), provider_not_found, and what linking and the gate refuse
 */
export async function redeemOuterCode(
  ctx: Context,
  actor: Actor,
  { code: value, ...proof }: CodeProof & { readonly code: string },
): Promise<RedeemedCode> {
  const outcome = await retryingConflict(() =>
    asBearer(ctx, { credential: 'client' }, async (tx): Promise<RedeemedCode | Refusal> => {
      const code = await findCode(ctx, tx, 'outer_code', value);
      if (code instanceof Refusal) {
        if (code.code === 'code_used') await endWhatCodeGave(ctx, tx, actor, 'outer_code', value);
        return refuse('grant_rejected', { why: code.code });
      }
      const { request, isNewUser, strongFrom, visit } = codePayload<OuterPayload>(ctx, code);
      const proven = provesChallenge(request, proof);
      const refused = proven ? redirectRefusal(request, proof) : null;
      if (refused) return refused;
      if (!(await tx.codes.spend(code.id, ctx.clock.now()))) {
        await endWhatCodeGave(ctx, tx, actor, 'outer_code', value);
        return refuse('grant_rejected', { why: 'race' });
      }
      if (!proven) return refuse('grant_rejected', { why: 'another verifier' });

      const person = code.userId === null ? null : await tx.users.find(code.userId);
      if (!person) return refuse('grant_rejected', { why: 'the person is gone' });
      if (visit && statusRefusal(ctx, person, ctx.clock.now()) === null) {
        const unlinked = await linkHeld(ctx, tx, actor, { userId: person.id, sessionId: code.sessionId!, visit });
        if (unlinked) return unlinked;
      }
      const current = (await tx.users.find(person.id))!;
      const admission = await admitUser(ctx, tx, actor, current, {
        method: 'provider',
        strongFrom,
        persistent: true,
        isNewUser,
      });
      if (admission instanceof Refusal) return admission;
      await tx.codes.noteGiven(
        code.id,
        admission.kind === 'session' ? admission.live.session.id : admission.pending.id,
      );
      return { admission, isNewUser, returnTo: request.returnTo };
    }),
  );
  return settle(outcome);
}

interface HeldLink {
  readonly userId: Id;
  readonly sessionId: Id;
  readonly visit: HeldVisit;
}

/** Linking rests on the session that asked for it, which must still live. */
async function linkHeld(ctx: Context, tx: Tx, actor: Actor, held: HeldLink): Promise<Refusal | null> {
  await tx.users.hold(held.userId);
  const live = await tx.sessions.findLive(held.sessionId);
  const now = ctx.clock.now();
  if (!live || live.user.id !== held.userId || now >= live.session.expiresAt || now >= live.session.endsAt) {
    return refuse('flow_not_found', { field: 'session', why: 'the linking session is over' });
  }
  const shown = { password: null, factorCode: false };
  const unproven = refuseChange(ctx, live, 'identity_linked', shown);
  if (unproven) return unproven;
  const visit = heldVisit(ctx, held.visit);
  if (!visit?.facts.allowConnect) return refuse('provider_not_found', { why: 'not configured any more' });
  const linker: Actor = { kind: 'user', from: actor.from, live };
  const linked = await linkIdentity(ctx, tx, linker, held.userId, visit, {
    strongFrom: strongFromNow(ctx, live, shown),
  });
  return linked instanceof Refusal ? linked : null;
}
