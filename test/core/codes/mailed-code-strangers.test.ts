import { expect, test } from 'vitest';
import { requestMailCode } from '../../../src/core/sign-in/request-mail-code.ts';
import { signInWithCode } from '../../../src/core/sign-in/sign-in-with-code.ts';
import { onEveryEngine, stranger } from '../../kit/core-world.ts';
import { strangerAt } from '../../kit/from.ts';
import { outcomeOf, outcomes } from '../../kit/outcome.ts';

const newcomer = { displayName: null, imageUrl: null, metadataClient: null, trustToken: null };

onEveryEngine('Tries at a mailed code', {}, (world) => {
  async function waiting() {
    const person = await world.person();
    await world.signIn(person);
    const address = person.email!.value;
    await requestMailCode(world.context(), stranger, { purpose: 'sign_in_code', address });
    const [code] = /\b\d{6}\b/.exec((await world.mail(address)).text)!;
    const wrong = code === '000000' ? '000001' : '000000';
    const use = (ip: string, typed: string) =>
      signInWithCode(world.context(), strangerAt(ip), { address, code: typed, ...newcomer });
    return { code, wrong, use };
  }
  const [home, elsewhere] = ['192.0.2.99', '198.51.100.1'];

  test('by strangers are three, and do not use up the owner’s code', async () => {
    const { code, wrong, use } = await waiting();
    const found = await outcomes(4, () => use(elsewhere, wrong));
    expect(found).toEqual(['code_not_found', 'code_not_found', 'code_not_found', 'code_exhausted']);
    expect(await outcomeOf(use('203.0.113.9', code))).toBe('code_exhausted');
    expect(await outcomeOf(use(home, wrong))).toBe('code_not_found');
    expect(await outcomeOf(use(home, code))).toBe('ok');
  });

  test('are six at most, also from the owner’s network', async () => {
    const { code, wrong, use } = await waiting();
    expect(await outcomes(6, () => use(home, wrong))).toEqual(Array(6).fill('code_not_found'));
    expect(await outcomeOf(use(home, code))).toBe('code_exhausted');
  });

  test('by fifty strangers at once are three', async () => {
    const { wrong, use } = await waiting();
    const found = await Promise.all(Array.from({ length: 50 }, () => outcomeOf(use(elsewhere, wrong))));
    expect(found.filter((each) => each === 'code_not_found')).toHaveLength(3);
  });
});
