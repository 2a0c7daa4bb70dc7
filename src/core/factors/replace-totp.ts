import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Acting } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { endFor } from '../endings/end-for.ts';
import type { Tx } from '../store.ts';
import { hasSecondFactor, type Person } from '../users/user.ts';
import { dropStagedCodes } from './backup-codes.ts';
import { totpPlace } from './match-factor.ts';

/** Bytes of a secret that a client made (RFC 4226 §4 asks for 16; apps that make 10 are in use). */
export const totpSecretBounds = { min: 10, max: 128 } as const;

/**
 * A step of editing a person: the authenticator app's secret as the client made it, at once active; null takes it away.
 * The session keeps its token: clients of this wire are told no other.
 * @param secret raw bytes
 * @param refuseChange whether whoever asks may make the change, as the door of the transaction found it
 * @returns input_invalid with `field: totpSecret`, impersonated_session, session_not_fresh
 */
export async function replaceTotp(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Pick<Person, 'id' | 'factors'>,
  secret: Uint8Array | null,
  refuseChange: Acting['refuseChange'],
): Promise<Refusal | null> {
  if (secret && (secret.byteLength < totpSecretBounds.min || secret.byteLength > totpSecretBounds.max)) {
    return refuse('input_invalid', { field: 'totpSecret' });
  }
  const active = await tx.factors.findTotp(person.id, 'active');
  if (!active && !secret) return null;
  const unproven = refuseChange(active ? 'factor_removed' : 'factor_added');
  if (unproven) return unproven;

  const now = ctx.clock.now();
  const sessionId = actor.kind === 'user' ? actor.live.session.id : null;
  if (active) await endFor(ctx, tx, actor, 'factor_off', person.id);
  if (secret) {
    await dropStagedCodes(ctx, tx, person, null);
    const id = ctx.ids.next();
    await tx.factors.putPendingTotp({
      id,
      userId: person.id,
      state: 'pending',
      secret: ctx.vault.seal(totpPlace(id), Buffer.from(secret).toString('base64')),
      issuedSessionId: sessionId,
      issuedAt: now,
      activatedAt: null,
    });
    await endFor(ctx, tx, actor, 'factor_on', person.id);
    await tx.factors.activateTotp(id, now);
    // A further factor says nothing about whoever set up the first one; replacing it was proven.
    if (sessionId && (active || !hasSecondFactor(person.factors)))
      await tx.sessions.setSecondFactor(sessionId, 'enrolled', now);
  }
  const type = secret ? 'mfa.enabled' : 'mfa.disabled';
  await recordEvent(ctx, tx, actor, { type, subject: person.id, data: { factor: 'totp' } });
  return null;
}
