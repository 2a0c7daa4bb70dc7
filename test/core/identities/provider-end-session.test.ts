import { expect, test } from 'vitest';
import { Refusal } from '../../../src/base/refusal.ts';
import { asSystem } from '../../../src/core/acting.ts';
import type { UserActor } from '../../../src/core/actor.ts';
import { providerEndSession } from '../../../src/core/identities/provider-end-session.ts';
import { bareIdentity } from '../../../src/core/identities/write-identity.ts';
import { onOneEngine } from '../../kit/core-world.ts';
import { scriptedProvider } from '../../kit/provider-world.ts';

const page = 'https://there.example/out';
const down = {
  ...scriptedProvider('down'),
  endSessionUrl: () => Promise.reject(new Refusal('provider_unavailable')),
};
const there = { ...scriptedProvider('there'), endSessionUrl: async () => page };
const providers = [down, there];
const identityProviders = {
  find: (key: string) => providers.find(({ facts }) => facts.key === key) ?? null,
  list: () => providers,
};

onOneEngine('the end-session page of a provider', { identityProviders }, (world) => {
  async function signedInBy(...keys: string[]): Promise<UserActor> {
    const person = await world.person();
    const ctx = world.context();
    await asSystem(ctx, async (tx) => {
      for (const provider of keys) {
        const known = { userId: person.id, provider, subject: person.id, email: null };
        await tx.identities.insert(bareIdentity(ctx, { ...known, allowSignIn: true, allowConnect: true }));
      }
    });
    const { actor } = await world.signIn(person);
    return { ...actor, live: { ...actor.live, session: { ...actor.live.session, method: 'provider' } } };
  }
  const ask = async (actor: UserActor) => providerEndSession(world.context(), actor, { returnTo: null, state: null });

  test('one that cannot be reached does not keep people from signing out here', async () => {
    expect(await ask(await signedInBy('down'))).toBeNull();
    expect(await ask(await signedInBy('down', 'there'))).toBe(page);
  });

  test('is nowhere for a session that no provider opened', async () => {
    const actor = await signedInBy('there');
    expect(
      await ask({ ...actor, live: { ...actor.live, session: { ...actor.live.session, method: 'password' } } }),
    ).toBe(null);
  });
});
