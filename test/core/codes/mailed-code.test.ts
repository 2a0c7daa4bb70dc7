import { describe, expect, test } from 'vitest';
import { days, minutes, seconds } from '../../../src/base/clock.ts';
import type { Refusal } from '../../../src/base/refusal.ts';
import type { MailedCodePurpose } from '../../../src/core/codes/one-time-value.ts';
import { verifyEmailWithCode } from '../../../src/core/emails/verify-email-with-code.ts';
import { resetPasswordWithCode } from '../../../src/core/passwords/reset-password-with-code.ts';
import { requestMailCode } from '../../../src/core/sign-in/request-mail-code.ts';
import { signInWithCode } from '../../../src/core/sign-in/sign-in-with-code.ts';
import type { SurfaceName } from '../../../src/core/surface.ts';
import { type CoreWorld, onEveryEngine, onOneEngine, stranger } from '../../kit/core-world.ts';

const newcomer = { displayName: null, imageUrl: null, metadataClient: null, trustToken: null };

/** What each kind of code is for. */
const uses: Record<MailedCodePurpose, (world: CoreWorld, address: string, code: string) => Promise<unknown>> = {
  sign_in_code: (world, address, code) => signInWithCode(world.context(), stranger, { address, code, ...newcomer }),
  email_verification_code: (world, address, code) => verifyEmailWithCode(world.context(), stranger, { address, code }),
  password_reset_code: (world, address, code) =>
    resetPasswordWithCode(world.context(), stranger, { address, code, password: 'battery staple horse' }),
};
const purposes = Object.keys(uses) as MailedCodePurpose[];

const tried = (use: Promise<unknown>): Promise<string> =>
  use.then(
    () => 'right',
    (refusal: Refusal) => refusal.code,
  );

/** Somebody with an address, and the code that was mailed there. */
async function mailedCode(world: CoreWorld, purpose: MailedCodePurpose, surface?: SurfaceName) {
  const { email } = await world.person({ emailVerified: purpose !== 'email_verification_code' });
  const address = email!.value;
  const ask = async () => {
    await requestMailCode(world.context(surface), stranger, { purpose, address });
    const [code] = /\b\d{6}\b/.exec((await world.mail(address)).text)!;
    return code;
  };
  const code = await ask();
  const wrong = code === '000000' ? '000001' : '000000';
  return { address, code, wrong, ask, use: (typed: string) => tried(uses[purpose](world, address, typed)) };
}

onOneEngine('A mailed code', {}, (world) => {
  describe.each(purposes)('of the purpose %s', (purpose) => {
    test('lives for five minutes', async () => {
      const { use, code, ask } = await mailedCode(world, purpose);
      world.clock.advance(minutes(5));
      expect(await use(code)).toBe('code_expired');
      const another = await ask();
      world.clock.advance(minutes(5) - 1);
      expect(await use(another)).toBe('right');
    });

    test('is right once', async () => {
      const { use, code } = await mailedCode(world, purpose);
      expect(await use(code)).toBe('right');
      expect(await use(code)).toBe('code_not_found');
    });

    test('takes two wrong tries, and is right at the third', async () => {
      const { use, code, wrong } = await mailedCode(world, purpose);
      expect(await use(wrong)).toBe('code_not_found');
      expect(await use(wrong)).toBe('code_not_found');
      expect(await use(code)).toBe('right');
    });

    test('is over after three wrong tries, for the right digits too', async () => {
      const { use, code, wrong } = await mailedCode(world, purpose);
      for (let n = 0; n < 3; n++) expect(await use(wrong)).toBe('code_not_found');
      expect(await use(code)).toBe('code_exhausted');
    });

    test('gives way to the next one, which has its own tries', async () => {
      const { use, code, wrong, ask } = await mailedCode(world, purpose);
      for (let n = 0; n < 3; n++) await use(wrong);
      const next = await ask();
      if (next !== code) expect(await use(code)).toBe('code_not_found');
      expect(await use(next)).toBe('right');
    });

    test('opens nothing of another purpose', async () => {
      const { address, code } = await mailedCode(world, purpose);
      for (const other of purposes.filter((one) => one !== purpose)) {
        expect(await tried(uses[other](world, address, code))).toBe('code_not_found');
      }
    });
  });

  test('lives for a day where the surface would give it a week, as policy usually has it', async () => {
    const { use, code } = await mailedCode(world, 'sign_in_code', 'hexclave');
    world.clock.advance(days(1) - 1);
    expect(await use('000000')).toBe('code_not_found');
    world.clock.advance(1);
    expect(await use(code)).toBe('code_expired');
  });
});

onOneEngine('The longest life of codes that policy allows', { policy: { 'codes.maxLifeSeconds': 60 } }, (world) => {
  describe.each(purposes)('with the purpose %s', (purpose) => {
    test.each(['better-auth', 'axumkit', 'hexclave', 'pages'] as const)('holds on %s', async (surface) => {
      const late = await mailedCode(world, purpose, surface);
      world.clock.advance(seconds(60));
      expect(await late.use(late.code)).toBe('code_expired');
      const inTime = await mailedCode(world, purpose, surface);
      world.clock.advance(seconds(60) - 1);
      expect(await inTime.use(inTime.code)).toBe('right');
    });
  });
});

onEveryEngine('Tries of a mailed code at the same time', {}, (world) => {
  test('are counted one by one: of fifty wrong ones three are compared', async () => {
    const { use, wrong, code } = await mailedCode(world, 'sign_in_code');
    const answers = await Promise.all(Array.from({ length: 50 }, () => use(wrong)));
    expect(answers.filter((answer) => answer === 'code_not_found')).toHaveLength(3);
    expect(answers.filter((answer) => answer === 'code_exhausted')).toHaveLength(47);
    expect(await use(code)).toBe('code_exhausted');
  });

  test('that are right sign in once', async () => {
    const { use, code } = await mailedCode(world, 'sign_in_code');
    const answers = await Promise.all(Array.from({ length: 50 }, () => use(code)));
    expect(answers.filter((answer) => answer === 'right')).toHaveLength(1);
  });
});
