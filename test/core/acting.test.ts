import { expect, test } from 'vitest';
import { act, asSystem } from '../../src/core/acting.ts';
import type { KeyActor, UserActor } from '../../src/core/actor.ts';
import { admitApiKey } from '../../src/core/keys/admit-api-key.ts';
import { createApiKey } from '../../src/core/keys/create-api-key.ts';
import { endSession } from '../../src/core/sessions/end-session.ts';
import { impersonateUser } from '../../src/core/sessions/impersonate-user.ts';
import { onOneEngine } from '../kit/core-world.ts';
import { outcomeOf } from '../kit/outcome.ts';
import { aServer } from '../kit/servers.ts';

onOneEngine('The door of a transaction', { policy: { 'admin.allowImpersonatingAdmins': true } }, (world) => {
  const signedIn = async (roles: readonly string[] = []): Promise<UserActor> =>
    (await world.signIn(await world.person({ roles }))).actor;

  test('lets a session act for its own person only, whoever the request says it is', async () => {
    const [one, other] = [await signedIn(), await signedIn()];
    const mixed: UserActor = { ...one, live: { ...one.live, user: other.live.user } };
    expect(await outcomeOf(act(world.context(), mixed, {}, async () => 'done'))).toBe('not_signed_in');
    expect(await outcomeOf(act(world.context(), one, {}, async () => 'done'))).toBe('ok');
  });

  test('hands on who asks as they are stored, not as they were when they were let in', async () => {
    const actor = await signedIn();
    await asSystem(world.context(), (tx) =>
      tx.users.update(actor.live.user.id, { displayName: 'Countess' }, world.clock.now()),
    );
    expect(await act(world.context(), actor, {}, async (_tx, { person }) => person.displayName)).toBe('Countess');
  });

  test('keeps a session of one API out of the others where its surface does not share sessions', async () => {
    const actor = await signedIn();
    const { session } = actor.live;
    await world.database.rows(`UPDATE session SET portable = 0 WHERE id = '${session.id}'`);
    expect(await outcomeOf(act(world.context('axumkit'), actor, {}, async () => 'done'))).toBe('not_signed_in');
    expect(await outcomeOf(act(world.context(session.madeBy), actor, {}, async () => 'done'))).toBe('ok');
  });

  test('asks a service for the level that the work wants', async () => {
    const asks = (level: 'server' | 'admin', wanted?: 'server' | 'admin') =>
      outcomeOf(act(world.context(), aServer(level), wanted ? { server: wanted } : {}, async () => 'done'));
    expect([await asks('server'), await asks('server', 'server'), await asks('server', 'admin')]).toEqual([
      'ok',
      'ok',
      'access_level_insufficient',
    ]);
    expect([await asks('admin'), await asks('admin', 'server'), await asks('admin', 'admin')]).toEqual([
      'ok',
      'ok',
      'ok',
    ]);
  });

  test('asks for every right that is named', async () => {
    const rights = (actor: UserActor) => outcomeOf(act(world.context(), actor, { may: ['users.ban'] }, async () => 1));
    expect(await rights(await signedIn())).toBe('permission_denied');
    expect(await rights(await signedIn(['admin']))).toBe('ok');
  });

  test('lets nobody administer who looks through the eyes of an administrator', async () => {
    const administrator = await signedIn(['admin']);
    const another = await world.person({ roles: ['admin'] });
    const { live } = await impersonateUser(world.context(), administrator, another.id);
    const actor: UserActor = { kind: 'user', from: administrator.from, live };
    expect(await outcomeOf(act(world.context(), actor, { may: ['users.list'] }, async () => 1))).toBe(
      'impersonated_session',
    );
    await endSession(world.context(), actor);
  });

  async function keyActor(): Promise<KeyActor> {
    const ctx = world.context();
    const { id: ownerUserId } = await world.person();
    const { text } = await createApiKey(ctx, aServer(), { name: 'k', prefix: null, ownerUserId, actsAsOwner: true });
    const admitted = await admitApiKey(ctx, { ip: null, userAgent: null }, text);
    if (!('kind' in admitted)) throw admitted;
    return admitted;
  }
  const byKey = (actor: KeyActor) => outcomeOf(act(world.context(), actor, { keys: true }, async () => 'done'));

  test('lets a key act as long as it is good', async () => {
    const ctx = world.context();
    const actor = await keyActor();
    expect(await byKey(actor)).toBe('ok');
    for (const change of [{ enabled: false }, { expiresAt: world.clock.now() }]) {
      const ended = await keyActor();
      await asSystem(ctx, (tx) => tx.apiKeys.update(ended.key.id, change, world.clock.now()));
      expect(await byKey(ended)).toBe('not_signed_in');
    }
    await asSystem(ctx, (tx) => tx.apiKeys.revoke(actor.key.id, 'deleted', world.clock.now()));
    expect(await byKey(actor)).toBe('not_signed_in');
  });

  test('lets no key act for somebody who is kept out', async () => {
    const ctx = world.context();
    const actor = await keyActor();
    const now = world.clock.now();
    await asSystem(ctx, (tx) => tx.users.update(actor.live.user.id, { bannedAt: now }, now));
    expect(await byKey(actor)).toBe('not_signed_in');
  });

  test('lets no key change credentials or administer, whatever the use case forgot to say', async () => {
    const actor = await keyActor();
    for (const demand of [{ change: 'key_made' }, { may: ['users.list'] }, { change: 'sessions_ended' }]) {
      const asked = act(world.context(), actor, { keys: true, ...demand } as never, async () => 'done');
      expect(await outcomeOf(asked)).toBe('api_key_cannot_act');
    }
    const within = act(world.context(), actor, { keys: true }, async (_tx, me) => me.refuseChange('sessions_ended'));
    expect(await outcomeOf(within)).toBe('api_key_cannot_act');
  });
});
