import { type Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { endCodes } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import type { Tx } from '../store.ts';
import type { Person } from '../users/user.ts';
import { totpPlace } from './match-factor.ts';

/** Bytes of a secret that a client made (RFC 4226 §4 asks for 16; apps that make 10 are in use). */
export const totpSecretBounds = { min: 10, max: 128 } as const;

/**
 * A step of editing a person: the authenticator app's secret as the client made it, at once active; null takes it away.
 * One that is active is the person's to change only in a session that showed a second factor, or switched it on
 * (core map F8). The session keeps its token: clients of this wire are told no other.
 * @param secret raw bytes
 * @returns input_invalid with `field: totpSecret`, totp_already_active, not_signed_in
 */
export async function replaceTotp(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Pick<Person, 'id'>,
  secret: Uint8Array | null,
): Promise<Refusal | null> {
  if (secret && (secret.byteLength < totpSecretBounds.min || secret.byteLength > totpSecretBounds.max)) {
    return refuse('input_invalid', { field: 'totpSecret' });
  }
  const active = await tx.factors.findTotp(person.id, 'active');
  if (!active && !secret) return null;
  const session = actor.kind === 'user' ? await tx.sessions.find(actor.live.session.id) : null;
  if (actor.kind === 'user' && !session) return refuse('not_signed_in', { why: 'the session ended' });
  if (active && session && session.secondFactor === null) return refuse('totp_already_active');

  const now = ctx.clock.now();
  if (active) await tx.factors.removeAll(person.id);
  if (secret) {
    const id = ctx.ids.next();
    await tx.factors.putPendingTotp({
      id,
      userId: person.id,
      state: 'pending',
      secret: ctx.vault.seal(totpPlace(id), Buffer.from(secret).toString('base64')),
      issuedSessionId: session?.id ?? null,
      issuedAt: now,
      activatedAt: null,
    });
    await tx.factors.activateTotp(id, now);
    if (session) await tx.sessions.setSecondFactor(session.id, 'enrolled', now);
  } else await tx.factors.distrustDevices(person.id);
  // What was begun before does not know of it (core map §2, TOTP on and off).
  await tx.pendingSignIns.voidAllOf(person.id, now);
  await endCodes(ctx, tx, person.id);
  const type = secret ? 'mfa.enabled' : 'mfa.disabled';
  await recordEvent(ctx, tx, actor, { type, subject: person.id, data: { factor: 'totp' } });
  return null;
}
