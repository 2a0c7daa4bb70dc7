import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { renamePersonal, welcomePerson } from '../orgs/personal-organization.ts';
import { isImpersonation } from '../sessions/session.ts';
import type { Tx } from '../store.ts';
import { eraseUser } from './delete-user.ts';
import { endAnonymity } from './end-anonymity.ts';
import { type SignUpVerdict, underVerdict } from './judge-sign-up.ts';
import { insertPerson } from './new-person.ts';
import type { Email, Person } from './user.ts';

/** The person without identifiers who asks; null for everybody else. */
async function anonymousOf(tx: Tx, actor: Actor): Promise<Person | null> {
  if (actor.kind !== 'user' || !actor.live.user.anonymous || isImpersonation(actor.live.session)) return null;
  // A session that ended meanwhile speaks for nobody, whatever a cache still knows.
  if (!(await tx.sessions.find(actor.live.session.id))) return null;
  const person = await tx.users.find(actor.live.user.id);
  return person?.anonymous ? person : null;
}

interface Enrolment {
  readonly provider?: string;
  /** What the project's rules said of the newcomer; null where nobody asked them. */
  readonly verdict: SignUpVerdict | null;
}

/**
 * The last step of every path that makes a person. Somebody anonymous becomes that person and keeps their id, so that
 * what belongs to it stays theirs (core map §2); everybody else is new.
 */
export async function enrolPerson(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  newcomer: Person,
  method: string,
  { provider, verdict }: Enrolment,
): Promise<Person> {
  const known = await anonymousOf(tx, actor);
  // Of several sign-ups at once one takes the id; the others are people of their own.
  const anonymous = known && (await endAnonymity(ctx, tx, actor, known.id)) ? known : null;
  const draft = underVerdict(newcomer, verdict);
  const data = {
    method,
    ...(provider !== undefined && { provider }),
    ...(anonymous && { upgraded: true }),
    ...(verdict && verdict.applied.length > 0 && { rules: [...verdict.applied] }),
  };
  if (!anonymous) await insertPerson(tx, draft);
  const person = anonymous ? await upgrade(ctx, tx, anonymous, draft) : draft;
  await recordEvent(ctx, tx, actor, { type: 'account.created', subject: person.id, data });
  if (!anonymous) return welcomePerson(ctx, tx, actor, person);
  await renamePersonal(ctx, tx, actor, anonymous, person);
  return person;
}

/** What the sign-up says of the person takes the place of what was there. */
async function upgrade(ctx: Context, tx: Tx, anonymous: Person, draft: Person): Promise<Person> {
  const { id } = anonymous;
  const now = ctx.clock.now();
  await tx.users.update(
    id,
    {
      restrictedAt: draft.restrictedAt ?? anonymous.restrictedAt,
      restrictedPrivate: draft.restrictedPrivate ?? anonymous.restrictedPrivate,
      displayName: draft.displayName ?? anonymous.displayName,
      imageUrl: anonymous.imageFileId === null ? (draft.imageUrl ?? anonymous.imageUrl) : null,
      usernameNormal: draft.usernameNormal,
      usernameDisplay: draft.usernameDisplay,
      metadataClient: draft.metadataClient ?? anonymous.metadataClient,
    },
    now,
  );
  if (draft.email) await moveIn(tx, { ...draft.email, userId: id });
  return (await tx.users.find(id))!;
}

/** The address of the sign-up, also where the person had given it before without signing in with it. */
async function moveIn(tx: Tx, email: Email): Promise<void> {
  const before = (await tx.emails.listOf(email.userId)).find(({ normal }) => normal === email.normal);
  if (before) await tx.emails.remove(before.id);
  await tx.emails.demote(email.userId, email.createdAt);
  await tx.emails.insert(email);
}

/**
 * Somebody anonymous signed in as a person who was there already: nobody can come back to the anonymous one, so it is
 * erased. An organization that would lose its only owner keeps it.
 */
export async function leaveAnonymous(ctx: Context, tx: Tx, actor: Actor, signedInAs: Person): Promise<void> {
  if (!ctx.surface.anonymous.erasedAtSignIn) return;
  const anonymous = await anonymousOf(tx, actor);
  if (!anonymous || anonymous.id === signedInAs.id || signedInAs.anonymous) return;
  // Refused without a word: the sign-in goes on.
  await eraseUser(ctx, tx, actor, anonymous);
}
