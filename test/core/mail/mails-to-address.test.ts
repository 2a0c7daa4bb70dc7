import { describe, expect, test } from 'vitest';
import { hours } from '../../../src/base/clock.ts';
import type { Actor } from '../../../src/core/actor.ts';
import { requestEmailVerification } from '../../../src/core/emails/request-email-verification.ts';
import { requestPrimaryVerification } from '../../../src/core/emails/request-own-verification.ts';
import { requestPasswordReset } from '../../../src/core/passwords/request-password-reset.ts';
import { requestMailCode } from '../../../src/core/sign-in/request-mail-code.ts';
import { requestMailLink } from '../../../src/core/sign-in/request-mail-link.ts';
import { requestSignInOtp } from '../../../src/core/sign-in/sign-in-otp.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { type CoreWorld, onEveryEngine } from '../../kit/core-world.ts';
import { strangerAt } from '../../kit/from.ts';
import { outcomeOf, outcomes } from '../../kit/outcome.ts';

const home = '192.0.2.1';
const link = 'https://app.example.org/?token={token}';

type Ask = (world: CoreWorld, actor: Actor, address: string) => Promise<unknown>;
const mailCode =
  (purpose: Parameters<typeof requestMailCode>[2]['purpose']): Ask =>
  (world, actor, address) =>
    requestMailCode(world.context(), actor, { purpose, address });

const kinds: Record<string, Ask> = {
  'a reset link': (world, actor, address) => requestPasswordReset(world.context(), actor, { address, link }),
  'a reset code': mailCode('password_reset_code'),
  'a sign-in code': mailCode('sign_in_code'),
  'a verification code': mailCode('email_verification_code'),
  'a verification link': (world, actor, address) => requestEmailVerification(world.context(), actor, { address, link }),
  'a sign-in link': (world, actor, address) =>
    requestMailLink(world.context(), actor, { address, link, displayName: null, browserToken: null }),
  'a sign-in code of the hexclave kind': (world, actor, address) =>
    requestSignInOtp(world.context('hexclave'), actor, { address, link, challenge: null }),
};
/** A verified address is mailed no verification; a sign-in code of the hexclave kind goes to verified ones only. */
const unverified = (name: string) => name.includes('verification');

onEveryEngine('Mails to an address', { policy: { 'methods.mailLink': true, 'methods.mailCode': true } }, (world) => {
  const mails = async ({ email }: Person) => (await world.mails(email!.value)).length;

  describe.each(Object.entries(kinds))('%s', (name, ask) => {
    test('strangers share five an hour and do not mute the owner, who has five at home', async () => {
      const person = await world.person({ emailVerified: !unverified(name) });
      await world.signIn(person);
      const asked = async (ip: string) => {
        const before = await mails(person);
        expect(await outcomeOf(ask(world, strangerAt(ip), person.email!.value))).toBe('ok');
        return (await mails(person)) - before;
      };
      const sent: number[] = [];
      for (let count = 0; count < 7; count += 1) sent.push(await asked(`203.0.${count}.9`));
      expect(sent).toEqual([1, 1, 1, 1, 1, 0, 0]);
      for (let count = 0; count < 6; count += 1) expect(await asked(home)).toBe(count < 5 ? 1 : 0);
      world.clock.advance(hours(1));
      expect(await asked('203.0.7.9')).toBe(1);
    });
  });

  test('strangers do not keep the person in a session from asking to verify their own address', async () => {
    const person = await world.person({ emailVerified: false });
    const { actor } = await world.signIn(person);
    const address = person.email!.value;
    const ask = () => requestPrimaryVerification(world.context('hexclave'), actor, { address, link });
    for (let count = 0; count < 7; count += 1) {
      await kinds['a verification link']!(world, strangerAt(`203.0.${count}.9`), address);
    }
    await world.drainJobs();
    expect(await outcomes(6, ask)).toEqual([...Array(5).fill('ok'), 'too_many_requests']);
  });
});
