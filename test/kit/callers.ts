import { asSystem } from '../../src/core/acting.ts';
import type { Actor, UserActor } from '../../src/core/actor.ts';
import { systemActor } from '../../src/core/actor.ts';
import type { Context } from '../../src/core/context.ts';
import { enableMailFactor } from '../../src/core/factors/manage-factors.ts';
import { bareIdentity } from '../../src/core/identities/write-identity.ts';
import { admitApiKey } from '../../src/core/keys/admit-api-key.ts';
import { createApiKey } from '../../src/core/keys/create-api-key.ts';
import { createOrganization } from '../../src/core/orgs/create-organization.ts';
import type { Admission } from '../../src/core/sessions/admit-user.ts';
import { checkSession, checkSessionById } from '../../src/core/sessions/check-session.ts';
import { endSession } from '../../src/core/sessions/end-session.ts';
import { impersonateUser } from '../../src/core/sessions/impersonate-user.ts';
import type { LiveSession } from '../../src/core/sessions/session.ts';
import { signInWithPassword } from '../../src/core/sign-in/sign-in-with-password.ts';
import type { SurfaceName } from '../../src/core/surface.ts';
import { banUser } from '../../src/core/users/ban-user.ts';
import { createUser, type NewUser } from '../../src/core/users/create-user.ts';
import { signUpAnonymously } from '../../src/core/users/sign-up-anonymously.ts';
import type { Person } from '../../src/core/users/user.ts';
import type { OpenProject } from '../../src/open-projects.ts';
import { aPasskey } from './alive.ts';
import type { TestDatabase } from './engines.ts';
import { callerPassword } from './valid-input.ts';

/** Somebody with a session, whatever became of either since. */
export interface SessionHolder {
  readonly project: OpenProject;
  readonly token: string;
  readonly live: LiveSession;
}

const stranger: Actor = { kind: 'anonymous', from: { ip: '192.0.2.1', userAgent: 'test' } };

export interface Belongings {
  readonly userId: string;
  readonly emailId: string;
  /** Of another session of theirs. */
  readonly otherSessionId: string;
  readonly otherToken: string;
  readonly organizationId: string;
  readonly keyId: string;
  readonly passkeyId: string;
  readonly identityId: string;
}

/** People in every state that a caller may be in. Everybody is new, so that a request may do to them what it likes. */
export function callersOf(project: OpenProject, surface: SurfaceName, database: TestDatabase) {
  const ctx = project.context(surface);
  let count = 0;

  const person = (change: Partial<NewUser> = {}): Promise<Person> =>
    createUser(project.context('cli'), systemActor, {
      email: `${surface}-${project.project.id.slice(-6)}-${++count}@example.com`,
      password: callerPassword,
      displayName: 'Caller',
      username: `caller_${surface.replace('-', '')}_${count}`,
      roles: [],
      emailVerified: true,
      ...change,
    });

  const signIn = (who: Person, on: Context = ctx): Promise<Admission> =>
    signInWithPassword(on, stranger, {
      identifier: { email: who.email!.value },
      password: callerPassword,
      persistent: true,
      trustToken: null,
      verificationLink: null,
    });

  function held(admission: Admission): SessionHolder {
    if (admission.kind !== 'session') throw new Error('a second factor was asked for');
    return { project, token: admission.token, live: admission.live };
  }
  const signedIn = async (who: Person, on?: Context): Promise<SessionHolder> => held(await signIn(who, on));
  const actor = ({ live }: Pick<SessionHolder, 'live'>): UserActor => ({ kind: 'user', from: stranger.from, live });
  const change = (id: string, columns: object): Promise<unknown> =>
    asSystem(ctx, (tx) => tx.users.update(id as Person['id'], columns, ctx.clock.now()));

  /** One of everything that a person may have, so that requests name what is there. */
  async function belongings(who: Person): Promise<Belongings> {
    const session = await signedIn(who);
    const unique = crypto.randomUUID();
    const [email] = await ctx.store.read.emails.listOf(who.id);
    const { organization } = await createOrganization(ctx, actor(session), {
      ...{ name: unique, slug: unique, image: null, metadata: null, makeActive: false },
    });
    const { key } = await createApiKey(ctx, actor(session), {
      ...{ name: 'a key', prefix: null, expiresInSeconds: null, metadata: null, actsAsOwner: false },
    });
    const [passkeyId, identityId] = [ctx.ids.next(), ctx.ids.next()];
    await asSystem(ctx, async (tx) => {
      await tx.passkeys.insert({ ...aPasskey(ctx, who.id), id: passkeyId, credentialId: unique, madeBy: surface });
      const known = { userId: who.id, provider: 'github', subject: unique, email: null };
      await tx.identities.insert({
        ...bareIdentity(ctx, { ...known, allowSignIn: true, allowConnect: true }),
        id: identityId,
      });
    });
    return {
      ...{ userId: who.id, emailId: email!.id, otherSessionId: session.live.session.id, otherToken: session.token },
      ...{ organizationId: organization.id, keyId: key.id, passkeyId, identityId },
    };
  }

  return {
    person,
    belongings,
    signedIn: async () => signedIn(await person()),
    async apiKey() {
      const { text } = await createApiKey(ctx, systemActor, {
        ...{ name: 'a key', prefix: null, expiresInSeconds: null, metadata: null, actsAsOwner: true },
        ...{ ownerUserId: (await person()).id, limits: { rateEnabled: false } },
      });
      // Its first use is an event of its own.
      await admitApiKey(ctx, stranger.from, text);
      return text;
    },
    anonymous: async () => held(await signUpAnonymously(project.context('hexclave'), stranger)),
    async impersonated() {
      const admin = await signedIn(await person({ roles: ['admin'] }));
      return held(await impersonateUser(ctx, actor(admin), (await person()).id));
    },
    async ended() {
      const holder = await signedIn(await person());
      await endSession(ctx, actor(holder));
      return holder;
    },
    /** Another node ended it a moment ago, and this one still has it in memory. */
    async endedElsewhere() {
      const holder = await signedIn(await person());
      await checkSession(ctx, holder.token);
      await checkSessionById(ctx, holder.live.session.id);
      await database.rows('DELETE FROM session WHERE id = ?', [holder.live.session.id]);
      return holder;
    },
    async banned() {
      const holder = await signedIn(await person());
      await banUser(project.context('cli'), systemActor, {
        userId: holder.live.user.id,
        reason: 'test',
        seconds: null,
      });
      return holder;
    },
    async deactivated() {
      const holder = await signedIn(await person());
      await change(holder.live.user.id, { deactivatedAt: ctx.clock.now(), deactivatedBy: 'operator' });
      return holder;
    },
    async restricted() {
      const holder = await signedIn(await person());
      await change(holder.live.user.id, { restrictedAt: ctx.clock.now() });
      return holder;
    },
    /** One surface lets such people have a session, which the others are then shown. */
    unverified: async () => signedIn(await person({ emailVerified: false }), project.context('hexclave')),
    /** The token of a sign-in that still owes a second factor. */
    async pending() {
      const who = await person();
      await enableMailFactor(ctx, actor(await signedIn(who)), callerPassword);
      const admission = await signIn(who);
      if (admission.kind !== 'second_factor_required') throw new Error('no second factor was asked for');
      return admission.token;
    },
  };
}
