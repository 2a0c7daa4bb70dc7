import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import type { Actor, ServerActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { refuseBeyond } from '../count-limits.ts';
import { endFor } from '../endings/end-for.ts';
import { Conflict, type Tx } from '../store.ts';
import { subjectOf } from '../users/subject.ts';
import { isLastWayIn } from '../users/ways-in.ts';
import type { Identity, IdentityChange } from './identity.ts';
import { findIdentityOf, type OneIdentity, type OwnerOrServer } from './own-identities.ts';
import { bareIdentity } from './write-identity.ts';

export interface NewIdentityOf {
  readonly userId: Id;
  readonly provider: string;
  readonly subject: string;
  readonly email: string | null;
  readonly allowSignIn: boolean;
  readonly allowConnect: boolean;
}

/**
 * The project's server says that somebody has this account at a provider.
 * @throws Refusal user_not_found, provider_not_found (`given`), identity_of_provider_exists (`field`: `sign_in`,
 * `subject`), identity_taken, limit_reached
 */
export async function attachIdentity(ctx: Context, actor: ServerActor, input: NewIdentityOf): Promise<Identity> {
  const outcome = await refusingConflicts(() =>
    act(ctx, actor, {}, async (tx, me) => {
      const person = await subjectOf(tx, me, input.userId);
      if (person instanceof Refusal) return person;
      if (!ctx.providers.find(input.provider)) return refuse('provider_not_found', { given: input.provider });
      const identity = bareIdentity(ctx, input);
      const tooMany = refuseBeyond('identities', (await tx.identities.listOf(person.id)).length);
      const refused = tooMany ?? (await whatStandsAgainst(ctx, tx, identity));
      if (refused) return refused;
      await endFor(ctx, tx, actor, 'identity_linked', person.id);
      await tx.identities.insert(identity);
      await recordLink(ctx, tx, actor, identity);
      return identity;
    }),
  );
  return settle(outcome);
}

export interface IdentityEdit {
  readonly allowSignIn?: boolean;
  readonly allowConnect?: boolean;
  /** The server only: another account than the one that was linked. */
  readonly provider?: string;
  readonly subject?: string;
  readonly email?: string | null;
}

/**
 * What an identity may be used for, and to the server also whose account it is. Another way in must be left unless the
 * server asks (core map P9).
 * @throws Refusal self_only, field_not_allowed, identity_not_found, provider_not_found, identity_last_method,
 * identity_of_provider_exists (`field`: `sign_in`, `subject`), identity_taken
 */
export async function editIdentity(
  ctx: Context,
  actor: OwnerOrServer,
  which: OneIdentity,
  edit: IdentityEdit,
): Promise<Identity> {
  const renames = edit.provider !== undefined || edit.subject !== undefined || edit.email !== undefined;
  if (renames && actor.kind !== 'server') throw new Refusal('field_not_allowed', { field: 'account_id' });
  const outcome = await refusingConflicts(() =>
    act(ctx, actor, { change: 'identity_edited' }, async (tx, me) => {
      const identity = await findIdentityOf(tx, await subjectOf(tx, me, which.userId), which);
      if (identity instanceof Refusal) return identity;
      const change = changeOf(identity, edit, me.strongFrom);
      const edited: Identity = { ...identity, ...change };
      if (edited.provider !== identity.provider && !ctx.providers.find(edited.provider)) {
        return refuse('provider_not_found', { given: edited.provider });
      }
      if (actor.kind === 'user' && !edited.allowSignIn && (await isLast(ctx, tx, identity))) {
        return refuse('identity_last_method');
      }
      const refused = await whatStandsAgainst(ctx, tx, edited, identity);
      if (refused) return refused;
      const ending = endingOf(identity, edited);
      if (ending) await endFor(ctx, tx, actor, ending, identity.userId);
      const now = ctx.clock.now();
      await tx.identities.update(identity.id, change, now);
      await recordEvent(ctx, tx, actor, {
        type: 'provider.updated',
        subject: identity.userId,
        data: { provider: edited.provider, sign_in: edited.allowSignIn, connect: edited.allowConnect },
      });
      return { ...edited, updatedAt: now };
    }),
  );
  return settle(outcome);
}

/** The edit gives a way in, or takes one. Another account that signs in is a new way in. */
function endingOf(before: Identity, after: Identity): 'identity_linked' | 'identity_unlinked' | null {
  if (!after.allowSignIn) return before.allowSignIn ? 'identity_unlinked' : null;
  const same = before.allowSignIn && before.provider === after.provider && before.subject === after.subject;
  return same ? null : 'identity_linked';
}

/** Tokens and words of one account are nothing of another's, and one that begins to sign in is a new way in. */
function changeOf(identity: Identity, edit: IdentityEdit, strongFrom: () => Instant | null): IdentityChange {
  const given = Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined)) as IdentityEdit;
  const another =
    (given.provider ?? identity.provider) !== identity.provider ||
    (given.subject ?? identity.subject) !== identity.subject;
  const forgotten = { emailVerified: false, profile: null, scopes: [] };
  const untold = {
    accessToken: null,
    refreshToken: null,
    idToken: null,
    accessExpiresAt: null,
    refreshExpiresAt: null,
  };
  return {
    ...given,
    ...(given.allowSignIn && !identity.allowSignIn && { strongFrom: strongFrom() }),
    ...(given.email !== undefined && given.email !== identity.email && { emailVerified: false }),
    ...(another && { ...forgotten, ...untold }),
  };
}

/** One of a provider signs in, and a subject is there once for a person and once for all who sign in by it. */
async function whatStandsAgainst(
  ctx: Context,
  tx: Tx,
  identity: Identity,
  before: Identity | null = null,
): Promise<Refusal | null> {
  const others = (await tx.identities.listOf(identity.userId)).filter(
    ({ id, provider }) => id !== identity.id && provider === identity.provider,
  );
  if (others.some(({ subject }) => subject === identity.subject)) {
    return refuse('identity_of_provider_exists', { field: 'subject' });
  }
  if (!identity.allowSignIn) return null;
  const turnsOn = !before?.allowSignIn || before.provider !== identity.provider;
  if (turnsOn && ctx.surface.providers.oneForSignIn && others.some(({ allowSignIn }) => allowSignIn)) {
    return refuse('identity_of_provider_exists', { field: 'sign_in' });
  }
  const holder = await tx.identities.findForSignIn(identity.provider, identity.subject);
  return holder && holder.id !== identity.id ? refuse('identity_taken') : null;
}

const isLast = (ctx: Context, tx: Tx, identity: Identity): Promise<boolean> =>
  identity.allowSignIn ? isLastWayIn(ctx, tx, identity.userId, { identities: [identity.id] }) : Promise.resolve(false);

const recordLink = (ctx: Context, tx: Tx, actor: Actor, { userId, provider }: Identity): Promise<void> =>
  recordEvent(ctx, tx, actor, { type: 'provider.linked', subject: userId, data: { provider, by: 'server' } });

/** Two at once: the index lets one through. */
const refusingConflicts = <T>(attempt: () => Promise<T>): Promise<T | Refusal> =>
  attempt().catch((fault) => {
    if (!(fault instanceof Conflict)) throw fault;
    if (fault.index === 'identity_of_user') return refuse('identity_of_provider_exists', { field: 'subject' });
    if (fault.index === 'identity_for_sign_in') return refuse('identity_taken');
    throw fault;
  });
