import { expect, test } from 'vitest';
import { requestMailCode } from '../../../src/core/sign-in/request-mail-code.ts';
import { signInWithCode } from '../../../src/core/sign-in/sign-in-with-code.ts';
import { editUser } from '../../../src/core/users/edit-user.ts';
import { onOneEngine, stranger } from '../../kit/core-world.ts';
import { outcomeOf } from '../../kit/outcome.ts';

onOneEngine('An authenticator app that an edit switches on', {}, (world) => {
  test('voids what was mailed to sign in before, and every proven address is told', async () => {
    const ctx = world.context('hexclave');
    const person = await world.person();
    const address = person.email!.value;
    const { actor } = await world.signIn(person);
    await requestMailCode(ctx, stranger, { purpose: 'sign_in_code', address });
    const [code] = /\b\d{6}\b/.exec((await world.mail(address)).text)!;
    const before = (await world.mails(address)).length;
    await editUser(ctx, actor, person.id, { totpSecret: new Uint8Array(20).fill(7) });
    expect((await world.mails(address)).length).toBe(before + 1);
    const newcomer = { displayName: null, imageUrl: null, metadataClient: null, trustToken: null };
    expect(await outcomeOf(signInWithCode(ctx, stranger, { address, code, ...newcomer }))).toBe('code_not_found');
  });
});
