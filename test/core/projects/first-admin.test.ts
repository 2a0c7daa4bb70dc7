import { expect, test } from 'vitest';
import { minutes } from '../../../src/base/clock.ts';
import { systemActor } from '../../../src/core/actor.ts';
import { createFirstAdmin, offerFirstAdmin } from '../../../src/core/projects/first-admin.ts';
import { banUser } from '../../../src/core/users/ban-user.ts';
import { setUserRoles } from '../../../src/core/users/set-user-roles.ts';
import { createCoreWorld, onOneEngine, stranger } from '../../kit/core-world.ts';

const tokenOf = (link: string | null): string => new URL(link!).searchParams.get('token')!;
const operator = { email: 'operator@example.com', displayName: 'Op', password: 'correct horse battery' };

onOneEngine('The first administrator', {}, (world) => {
  const ctx = () => world.context('pages');
  const become = (link: string | null, who: Partial<typeof operator> = {}) =>
    createFirstAdmin(ctx(), stranger, { ...operator, ...who, token: tokenOf(link) });

  test('is made by the newest link alone, whoever signed up before', async () => {
    await world.person();
    const [first, second] = [await offerFirstAdmin(ctx()), await offerFirstAdmin(ctx())];
    await expect(become(first)).rejects.toMatchObject({ code: 'code_not_found' });
    const person = await become(second);
    expect(person).toMatchObject({ roles: ['admin'], email: { value: operator.email } });
  });

  test('is the only one that a link makes', async () => {
    expect(await offerFirstAdmin(ctx())).toBeNull();
  });

  test('of an address that somebody has is refused, and the link stays good', async () => {
    const other = await createCoreWorld();
    const context = other.context('pages');
    const { email } = await other.person();
    const link = await offerFirstAdmin(context);
    const input = { ...operator, token: tokenOf(link) };
    await expect(createFirstAdmin(context, stranger, { ...input, email: email!.value })).rejects.toMatchObject({
      code: 'email_taken',
    });
    expect((await createFirstAdmin(context, stranger, input)).roles).toEqual(['admin']);
    await other.close();
  });

  test('of two who open one link at once is one', async () => {
    const other = await createCoreWorld();
    const context = other.context('pages');
    const token = tokenOf(await offerFirstAdmin(context));
    const made = await Promise.allSettled(
      ['one@example.com', 'two@example.com'].map((email) =>
        createFirstAdmin(context, stranger, { ...operator, email, token }),
      ),
    );
    expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await other.close();
  });

  test('has half an hour', async () => {
    const other = await createCoreWorld();
    const context = other.context('pages');
    const token = tokenOf(await offerFirstAdmin(context));
    other.clock.advance(minutes(30));
    await expect(createFirstAdmin(context, stranger, { ...operator, token })).rejects.toMatchObject({
      code: 'code_expired',
    });
    await other.close();
  });

  test('is offered again when nobody is left who can appoint one', async () => {
    const other = await createCoreWorld();
    const context = other.context('pages');
    const person = await other.person();
    await setUserRoles(context, systemActor, { userId: person.id, roles: ['admin'] });
    expect(await offerFirstAdmin(context)).toBeNull();
    await banUser(context, systemActor, { userId: person.id, reason: null, seconds: null });
    expect(await offerFirstAdmin(context)).not.toBeNull();
    await other.close();
  });
});
