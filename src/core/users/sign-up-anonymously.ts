import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act, asBearer } from '../acting.ts';
import type { Actor, UserActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { welcomePerson } from '../orgs/personal-organization.ts';
import { type Admission, admitUser } from '../sessions/admit-user.ts';
import { checkSignUpOpen, limitSignUps } from './admit-sign-up.ts';
import { eraseUser } from './delete-user.ts';
import { draftPerson, insertPerson } from './new-person.ts';

/**
 * Makes a person without identifiers and signs them in.
 * @throws Refusal anonymous_already, anonymous_not_accepted, sign_up_disabled, too_many_requests
 */
export async function signUpAnonymously(ctx: Context, actor: Actor): Promise<Admission> {
  if (!ctx.surface.accepts.anonymous) throw new Refusal('anonymous_not_accepted');
  if (actor.kind === 'user' && actor.live.user.anonymous) throw new Refusal('anonymous_already');
  if (!ctx.surface.anonymous.whileClosed) checkSignUpOpen(ctx);
  await limitSignUps(ctx, actor);
  const draft = draftPerson(ctx, {
    email: null,
    emailVerifiedBy: null,
    displayName: ctx.surface.anonymous.name,
    usernameNormal: null,
    usernameDisplay: null,
    imageUrl: null,
    metadataClient: null,
  });
  const person = { ...draft, anonymous: true };
  return settle(
    await asBearer(ctx, { credential: 'sign_up' }, async (tx) => {
      await insertPerson(tx, person);
      await recordEvent(ctx, tx, actor, {
        type: 'account.created',
        subject: person.id,
        data: { method: 'anonymous' },
      });
      const welcome = await welcomePerson(ctx, tx, actor, person);
      return admitUser(ctx, tx, actor, welcome, { method: 'anonymous', persistent: true, isNewUser: true });
    }),
  );
}

/**
 * Whoever is anonymous may leave without a proof: there is none.
 * @throws Refusal impersonated_session, user_not_anonymous, organization_needs_owner, last_administrator
 */
export async function deleteAnonymousUser(ctx: Context, actor: UserActor): Promise<void> {
  await act(ctx, actor, {}, async (tx, { person, refuseChange }) => {
    if (!person.anonymous) return refuse('user_not_anonymous');
    return refuseChange('user_deleted') ?? eraseUser(ctx, tx, actor, person);
  });
}
