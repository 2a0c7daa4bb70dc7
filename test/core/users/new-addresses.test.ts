import { describe, expect, test } from 'vitest';
import { systemActor } from '../../../src/core/actor.ts';
import { requestEmailChange } from '../../../src/core/emails/change-email.ts';
import { addEmail } from '../../../src/core/emails/manage-emails.ts';
import { requestMailCode } from '../../../src/core/sign-in/request-mail-code.ts';
import { requestMailLink } from '../../../src/core/sign-in/request-mail-link.ts';
import { requestSignInOtp } from '../../../src/core/sign-in/sign-in-otp.ts';
import { createUser } from '../../../src/core/users/create-user.ts';
import { signUpWithPassword } from '../../../src/core/users/sign-up-with-password.ts';
import { type CoreWorld, onOneEngine, password, stranger } from '../../kit/core-world.ts';
import { outcomeOf } from '../../kit/outcome.ts';

const link = 'https://example.org/{token}';
const nobody = { displayName: null, username: null, roles: [], emailVerified: false };

/** Every way by which an address becomes somebody's; that of a provider is in `provider-sign-in`. */
const doors: Readonly<Record<string, (world: CoreWorld, address: string) => Promise<unknown>>> = {
  'a sign-up with a password': (world, email) =>
    signUpWithPassword(world.context(), stranger, {
      ...{ email, password, displayName: null, persistent: true, verificationLink: link },
    }),
  'a mailed code': (world, address) => requestMailCode(world.context(), stranger, { purpose: 'sign_in_code', address }),
  'a mailed link': (world, address) =>
    requestMailLink(world.context(), stranger, { address, link, displayName: null, browserToken: null }),
  'a mailed code with a nonce': (world, address) =>
    requestSignInOtp(world.context('hexclave'), stranger, { address, link, challenge: null }),
  'an operator': (world, email) => createUser(world.context(), systemActor, { ...nobody, email, password }),
  'one more address': async (world, address) => {
    const { actor } = await world.signIn(await world.person());
    return addEmail(world.context('hexclave'), actor, {
      ...{ userId: actor.live.user.id, address, usedForAuth: true, isPrimary: false, verified: false },
    });
  },
  'a change of address': async (world, newAddress) => {
    const { actor } = await world.signIn(await world.person());
    return requestEmailChange(world.context(), actor, { newAddress, link });
  },
};

onOneEngine('An address that mail does not reach is nobody’s', {}, (world) => {
  const unreachable = ['zoë@example.org', 'ada@127.0.0.1', `${'a'.repeat(65)}@example.org`];

  describe.each(Object.keys(doors))('by %s', (door) => {
    test.each(unreachable)('%s', async (address) => {
      expect(await outcomeOf(doors[door]!(world, address))).toBe('email_invalid');
    });
  });
});
