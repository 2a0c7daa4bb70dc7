import { expect, test } from 'vitest';
import type { Event } from '../../src/core/audit/event.ts';
import { metadataOrNone } from '../../src/core/metadata.ts';
import { after, anIdentity, NOW, onEveryEngine, times } from '../kit/store-world.ts';

onEveryEngine('Identities', (world) => {
  test('what was stored comes back, value for value, and is found by provider and subject', async () => {
    const { store, person } = await world.project();
    const identity = anIdentity(world.ids, (await person()).id, {
      email: 'a@example.org',
      emailVerified: true,
      profile: metadataOrNone({ sub: '1', nested: { list: [true] } }),
      accessToken: Uint8Array.of(1),
      accessExpiresAt: after(1),
      scopes: ['openid', 'email'],
    });
    await store.transaction((tx) => tx.identities.insert(identity));
    expect(await store.read.identities.find(identity.id)).toEqual(identity);
    expect(await store.read.identities.findForSignIn('google', identity.subject)).toEqual(identity);
    expect(await store.read.identities.findForSignIn('github', identity.subject)).toBeNull();
  });

  test('of fifty people who link one subject for sign-in, one gets it', async () => {
    const { store, person } = await world.project();
    const people: string[] = [];
    for (const _ of times(50, (i) => i)) people.push((await person({ address: null })).id);
    const outcomes = await Promise.allSettled(
      people.map((id) => store.transaction((tx) => tx.identities.insert(anIdentity(world.ids, id, { subject: 's' })))),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(49);
    for (const { reason } of refused) expect(reason).toMatchObject({ index: 'identity_for_sign_in' });
  });

  test('an identity that may not sign in leaves the subject free, and finds nobody', async () => {
    const { store, person } = await world.project();
    const kept = anIdentity(world.ids, (await person()).id, { subject: 'x', allowSignIn: false });
    await store.transaction((tx) => tx.identities.insert(kept));
    expect(await store.read.identities.findForSignIn('google', 'x')).toBeNull();
  });

  test('an update changes what it names; removing says whether there was one', async () => {
    const { store, person } = await world.project();
    const { id: userId } = await person();
    const identity = anIdentity(world.ids, userId, { scopes: ['a'], email: 'a@example.org' });
    await store.transaction((tx) => tx.identities.insert(identity));
    await store.transaction((tx) =>
      tx.identities.update(identity.id, { scopes: [], profile: metadataOrNone({}) }, after(1)),
    );
    const changed = { ...identity, scopes: [], profile: {}, updatedAt: after(1) };
    expect(await store.read.identities.listOf(userId)).toEqual([changed]);
    expect(await store.transaction((tx) => tx.identities.remove(identity.id))).toBe(true);
    expect(await store.transaction((tx) => tx.identities.remove(identity.id))).toBe(false);
  });
});

onEveryEngine('Events', (world) => {
  const anEvent = (subjectUserId: string): Event => ({
    id: world.ids.next(),
    type: 'account.signed_in',
    level: 'info',
    visibility: 'user',
    publicAction: null,
    actorKind: 'user',
    actorId: subjectUserId,
    subjectUserId,
    organizationId: null,
    apiKeyId: null,
    sessionId: null,
    madeBy: 'better-auth',
    ip: '192.0.2.1',
    userAgent: null,
    data: { method: 'password' },
    createdAt: NOW,
  });

  test('are listed newest first, page by page', async () => {
    const { store, person } = await world.project();
    const { id } = await person();
    const events = times(5, () => anEvent(id));
    await store.transaction(async (tx) => {
      for (const event of events) await tx.events.insert(event);
    });
    const newest = events.toReversed();
    const first = await store.read.events.listOf(id, { limit: 2 });
    expect(first).toEqual(newest.slice(0, 2));
    expect(await store.read.events.listOf(id, { limit: 9, before: first.at(-1)!.id })).toEqual(newest.slice(2));
  });
});
