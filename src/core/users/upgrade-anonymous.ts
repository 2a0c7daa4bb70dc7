import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { endCodes } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { isOnlyOwnerOfOthers } from '../orgs/end-membership.ts';
import type { Tx } from '../store.ts';
import { eraseUser } from './delete-user.ts';
import { insertPerson } from './new-person.ts';
import type { Person } from './user.ts';

/** The person without identifiers who asks; null for everybody else. */
async function anonymousOf(tx: Tx, actor: Actor): Promise<Person | null> {
  if (actor.kind !== 'user' || !actor.live.user.anonymous || actor.live.session.impersonatorId !== null) return null;
  const person = await tx.users.find(actor.live.user.id);
  return person?.anonymous ? person : null;
}

/**
 * The last step of every path that makes a person. Somebody anonymous becomes that person and keeps their id, so that
 * what belongs to it stays theirs (core map §2); everybody else is new.
 */
export async function enrolPerson(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  draft: Person,
  method: string,
  more: Record<string, string> = {},
): Promise<Person> {
  const anonymous = await anonymousOf(tx, actor);
  const data = { method, ...more, ...(anonymous && { upgraded: true }) };
  if (!anonymous) await insertPerson(tx, draft);
  const person = anonymous ? await upgrade(ctx, tx, anonymous, draft) : draft;
  await recordEvent(ctx, tx, actor, { type: 'account.created', subject: person.id, data });
  return person;
}

/**
 * Nothing that was there before may open what is now a person's account: a session, key or passkey could have been
 * planted in the browser by somebody else (rule 15).
 */
async function upgrade(ctx: Context, tx: Tx, anonymous: Person, draft: Person): Promise<Person> {
  const { id } = anonymous;
  const now = ctx.clock.now();
  await tx.sessions.endAllOf(id);
  await tx.pendingSignIns.voidAllOf(id, now);
  await tx.passkeys.removeAllOf(id);
  await tx.factors.removeAll(id);
  await tx.factors.distrustDevices(id);
  await tx.apiKeys.revokeAllOf(id, 'upgraded', now);
  await endCodes(ctx, tx, id);
  await tx.users.update(
    id,
    {
      anonymous: false,
      signedUpAt: now,
      credentialsChangedAt: now,
      displayName: draft.displayName ?? anonymous.displayName,
      imageUrl: draft.imageUrl ?? anonymous.imageUrl,
      usernameNormal: draft.usernameNormal,
      usernameDisplay: draft.usernameDisplay,
      metadataClient: draft.metadataClient ?? anonymous.metadataClient,
    },
    now,
  );
  if (draft.email) await tx.emails.insert({ ...draft.email, userId: id });
  return (await tx.users.find(id))!;
}

/**
 * Somebody anonymous signed in as a person who was there already: nobody can come back to the anonymous one, so it is
 * erased. An organization that would lose its only owner keeps it.
 */
export async function leaveAnonymous(ctx: Context, tx: Tx, actor: Actor, signedInAs: Person): Promise<void> {
  const anonymous = await anonymousOf(tx, actor);
  if (!anonymous || anonymous.id === signedInAs.id || signedInAs.anonymous) return;
  if (await isOnlyOwnerOfOthers(tx, anonymous.id)) return;
  await eraseUser(ctx, tx, actor, anonymous);
}
