import { expect, test } from 'vitest';
import { minutes } from '../../../src/base/clock.ts';
import { asSystem } from '../../../src/core/acting.ts';
import { systemActor } from '../../../src/core/actor.ts';
import { purposes } from '../../../src/core/codes/one-time-value.ts';
import { claimAddress } from '../../../src/core/emails/claim-address.ts';
import { endFor } from '../../../src/core/endings/end-for.ts';
import { type Ending, type EndingRow, endings } from '../../../src/core/endings/endings.ts';
import { changePassword } from '../../../src/core/passwords/change-password.ts';
import { setPasswordForUser } from '../../../src/core/passwords/set-password-for-user.ts';
import { banUser } from '../../../src/core/users/ban-user.ts';
import { deleteUserByAdmin } from '../../../src/core/users/delete-user.ts';
import { editUser } from '../../../src/core/users/edit-user.ts';
import { removePassword } from '../../../src/core/users/remove-password.ts';
import { kinds, type Planted, plantEverything, whatLives } from '../../kit/alive.ts';
import { type CoreWorld, onEveryEngine, password } from '../../kit/core-world.ts';
import { aServer } from '../../kit/servers.ts';

/** What the row says of one kind of thing, in the words of the table. */
function stays(row: EndingRow, kind: string): boolean {
  const code = kind.startsWith('code: ') ? (kind.slice('code: '.length) as keyof typeof purposes) : null;
  if (code) return row.codes === 'none' || (row.codes === 'credentials' && !purposes[code].endsWithCredentials);
  switch (kind) {
    case 'the asking session':
      return row.sessions !== 'all';
    case 'another session':
      return row.sessions === 'none' || row.sessions === 'impersonations';
    case 'a session opened as somebody else':
      return row.sessions === 'none';
    case 'a pending sign-in':
      return row.pending === 'none';
    case 'a trusted device':
      return row.devices === 'none';
    case 'a known network':
      return row.networks === 'none';
    case 'an API key':
      return row.keys === 'none';
    case 'an authenticator app':
    case 'a pending secret':
    case 'mailed codes as a factor':
    case 'backup codes':
      return row.factors === 'none';
    case 'a password':
    case 'a passkey':
    case 'an identity':
      return row.waysIn === 'none';
    case 'a public event':
      return row.published === 'kept';
    default:
      throw new Error(`the table of endings says nothing about ${kind}`);
  }
}

const expected = (ending: Ending): string[] => kinds.filter((kind) => stays(endings[ending], kind));
const names = Object.keys(endings) as Ending[];

/** Use cases that end things, and what else they change on their way. */
const useCases: { readonly [ending in Ending]?: (world: CoreWorld, planted: Planted) => Promise<readonly string[]> } = {
  async password_changed(world, { asking: { actor } }) {
    await changePassword(world.context(), actor, { current: password, next: 'battery staple', newToken: false });
    return [];
  },
  async password_removed(world, { asking: { actor } }) {
    await removePassword(world.context(), actor);
    return ['a password'];
  },
  async password_set_by_operator(world, { person }) {
    await setPasswordForUser(world.context(), systemActor, { userId: person.id, password: 'battery staple' });
    return [];
  },
  async factor_off(world, { person }) {
    await editUser(world.context('hexclave'), aServer(), person.id, { totpSecret: null });
    return [];
  },
  async banned(world, { person }) {
    await banUser(world.context(), systemActor, { userId: person.id, reason: null, seconds: null });
    return [];
  },
  async address_claimed(world, { person }) {
    const ctx = world.context();
    await asSystem(ctx, (tx) => claimAddress(ctx, tx, systemActor, person, person.email!));
    return [];
  },
  async deleted(world, { person }) {
    await deleteUserByAdmin(world.context(), systemActor, person.id);
    return [];
  },
};

// The second factor is planted after the sign-in, and proofs are not what this is about.
const options = { policy: { 'credentials.strongProofSeconds': 0 } };

onEveryEngine('what ends', options, (world) => {
  const planted = async (): Promise<Planted> => {
    const everything = await plantEverything(world, await world.person());
    expect(await whatLives(everything.alive)).toEqual([...kinds]);
    return everything;
  };

  test.each(names)('%s ends what its row says, and nothing else', async (ending) => {
    const { person, asking, alive } = await planted();
    const ctx = world.context();
    const spare = asking.actor.live.session.id;
    await asSystem(ctx, (tx) => endFor(ctx, tx, systemActor, ending, person.id, { spare }));
    expect(await whatLives(alive)).toEqual(expected(ending));
  });

  test.each(names)(
    '%s sets the date that older codes and devices are compared with as its row says',
    async (ending) => {
      const person = await world.person();
      world.clock.advance(minutes(1));
      const ctx = world.context();
      await asSystem(ctx, (tx) => endFor(ctx, tx, systemActor, ending, person.id));
      const after = await ctx.store.read.users.find(person.id);
      expect(after!.credentialsChangedAt > person.credentialsChangedAt).toBe(endings[ending].dated);
    },
  );

  test.each(names)('%s tells every proven address what its row says, and no other', async (ending) => {
    const person = await world.person();
    const ctx = world.context();
    const second = `second-${person.id}@example.org`;
    const unproven = `unproven-${person.id}@example.org`;
    await asSystem(ctx, async (tx) => {
      for (const [value, verifiedAt] of [
        [second, ctx.clock.now()],
        [unproven, null],
      ] as const) {
        await tx.emails.insert({
          ...{ id: ctx.ids.next(), userId: person.id, value, normal: value, isPrimary: false, usedForAuth: false },
          ...{ verifiedAt, verifiedBy: null, createdAt: ctx.clock.now(), updatedAt: ctx.clock.now() },
        });
      }
      await endFor(ctx, tx, systemActor, ending, person.id);
    });
    const told = endings[ending].tell === null ? 0 : 1;
    const counts = [];
    for (const to of [person.email!.value, second, unproven]) counts.push((await world.mails(to)).length);
    expect(counts).toEqual([told, told, 0]);
  });

  test.each(Object.keys(useCases) as Ending[])('the use case behind %s carries the row out', async (ending) => {
    const everything = await planted();
    const gone = await useCases[ending]!(world, everything);
    expect(await whatLives(everything.alive)).toEqual(expected(ending).filter((kind) => !gone.includes(kind)));
  });
});
