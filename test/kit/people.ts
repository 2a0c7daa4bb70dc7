import { systemActor } from '../../src/core/actor.ts';
import { createUser, type NewUser } from '../../src/core/users/create-user.ts';
import type { Person } from '../../src/core/users/user.ts';
import type { Browser } from './browser.ts';
import type { World } from './world.ts';

export const password = 'correct horse battery';

/** Somebody who is there before the test begins. */
export const aPerson = (world: World, person: Partial<NewUser> & { readonly email: string }): Promise<Person> =>
  createUser(world.app.mainProject.context('cli'), systemActor, {
    password,
    displayName: person.email.split('@')[0]!,
    username: null,
    roles: [],
    emailVerified: true,
    ...person,
  });

export async function signedIn(world: World, email: string, body: object = {}): Promise<Browser> {
  const browser = world.browser();
  const reply = await browser.post('/sign-in/email', { email, password, ...body });
  if (reply.status !== 200) throw new Error(`${email} could not sign in: ${reply.text}`);
  return browser;
}
