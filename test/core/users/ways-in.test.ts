import { describe, expect, test } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import type { Context } from '../../../src/core/context.ts';
import { bareIdentity } from '../../../src/core/identities/write-identity.ts';
import { admitUser } from '../../../src/core/sessions/admit-user.ts';
import type { SurfaceName } from '../../../src/core/surface.ts';
import type { NewUser } from '../../../src/core/users/create-user.ts';
import { editUser } from '../../../src/core/users/edit-user.ts';
import { isLastWayIn, type Removal, waysIn } from '../../../src/core/users/ways-in.ts';
import { aPasskey } from '../../kit/alive.ts';
import { asUser, type CoreWorldOptions, onOneEngine, stranger } from '../../kit/core-world.ts';
import { outcomeOf } from '../../kit/outcome.ts';
import { providerConfig } from '../../kit/provider-config.ts';
import { aServer } from '../../kit/servers.ts';

/** What somebody has, apart from what `NewUser` says. */
interface Has {
  readonly identity?: { readonly provider?: string; readonly allowSignIn?: boolean };
  readonly passkey?: true;
  /** Set while passwords were on. */
  readonly oldPassword?: true;
}

const nameless = { email: null, emailVerified: false };
const bare = { ...nameless, password: null };
const github = providerConfig({ key: 'github', type: 'github' });
const connectOnly = providerConfig({ key: 'drive', type: 'github', allowSignIn: false });

/** A title, who it is, what they have, and the ways in that count on a surface where a mailbox is one. */
type Row = readonly [string, Partial<NewUser>, Has, readonly string[], SurfaceName?];

function tell(title: string, options: CoreWorldOptions, rows: readonly Row[]): void {
  onOneEngine(title, { providers: [github, connectOnly], ...options }, (world) => {
    for (const [what, who, has, expected, surface = 'hexclave'] of rows) {
      test(what, async () => {
        const ctx = world.context(surface);
        const { id } = await world.person(who);
        await give(ctx, id, has);
        expect((await waysIn(ctx, ctx.store.read, id)).map(({ kind }) => kind)).toEqual(expected);
      });
    }
  });
}

const give = (ctx: Context, userId: string, { identity, passkey, oldPassword }: Has): Promise<void> =>
  asSystem(ctx, async (tx) => {
    const known = { userId, provider: 'github', subject: userId, email: null, allowSignIn: true, allowConnect: true };
    if (identity) await tx.identities.insert(bareIdentity(ctx, { ...known, ...identity }));
    const now = ctx.clock.now();
    if (oldPassword) await tx.passwords.set({ userId, hash: 'of old', setAt: now, changedAt: now, strongFrom: null });
    if (passkey) await tx.passkeys.insert(aPasskey(ctx, userId));
  });

tell('Ways in where everything is on', {}, [
  ['a password beside an address', { emailVerified: false }, {}, ['password']],
  ['a password beside a username', { ...nameless, username: 'ada' }, {}, ['password']],
  ['no password without a name to type beside it', nameless, {}, []],
  ['a verified address, by code or reset', { password: null }, {}, ['email']],
  ['no address that is not verified', { password: null, emailVerified: false }, {}, []],
  ['no address where the surface has no mailbox as a way in', { password: null }, {}, [], 'better-auth'],
  ['an identity', bare, { identity: {} }, ['identity']],
  ['no identity that may not sign in', bare, { identity: { allowSignIn: false } }, []],
  ['no identity of a provider that signs nobody in', bare, { identity: { provider: 'drive' } }, []],
  ['no identity of a provider that is gone', bare, { identity: { provider: 'gone' } }, []],
  ['a passkey', bare, { passkey: true }, ['passkey']],
]);

tell('Ways in without passwords and passkeys', { policy: { 'methods.password': false, 'methods.passkey': false } }, [
  ['no password', { password: null, emailVerified: false }, { oldPassword: true }, []],
  ['no passkey', bare, { passkey: true }, []],
  ['a verified address, by code', { password: null }, {}, ['email']],
]);

tell('Ways in without mailed codes', { policy: { 'methods.mailCode': false } }, [
  ['a verified address, by a reset of the password', { password: null }, {}, ['email']],
]);

tell('Ways in by providers alone', { policy: { 'methods.password': false, 'methods.mailCode': false } }, [
  ['no address', { password: null }, { oldPassword: true }, []],
]);

onOneEngine('The last way in', { providers: [github], policy: { 'methods.password': false } }, (world) => {
  const last = async (who: Partial<NewUser>, has: Has, removal: (id: string) => Promise<Removal>) => {
    const ctx = world.context('hexclave');
    const { id } = await world.person(who);
    await give(ctx, id, has);
    return isLastWayIn(ctx, ctx.store.read, id, await removal(id));
  };
  const read = () => world.context().store.read;
  const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);
  const removals: Readonly<Record<string, readonly [Partial<NewUser>, Has, (id: string) => Promise<Removal>]>> = {
    'mailed codes': [{ password: null }, {}, async () => ({ mailCode: true })],
    'an address': [{ password: null }, {}, async (id) => ({ addresses: ids(await read().emails.listOf(id)) })],
    'an identity': [bare, { identity: {} }, async (id) => ({ identities: ids(await read().identities.listOf(id)) })],
    'a passkey': [bare, { passkey: true }, async (id) => ({ passkeys: ids(await read().passkeys.listOf(id)) })],
  };

  describe.each(Object.keys(removals))('%s', (what) => {
    const [who, has, removal] = removals[what]!;
    test('is the last where there is nothing else', async () => {
      expect(await last(who, has, removal)).toBe(true);
    });
    test('is not the last beside another', async () => {
      const more = has.passkey ? { ...has, identity: {} } : { ...has, passkey: true as const };
      expect(await last(who, more, removal)).toBe(false);
    });
  });

  test('whoever has none loses none', async () => {
    expect(await last(bare, {}, async () => ({ password: true }))).toBe(false);
  });

  test('is not given up by a person’s own edit; the server may', async () => {
    const ctx = world.context('hexclave');
    const person = await world.person({ password: null });
    await editUser(ctx, aServer(), person.id, { emailCodeEnabled: true });
    const admission = await asSystem(ctx, (tx) =>
      admitUser(ctx, tx, stranger, person, { method: 'mail_code', persistent: true }),
    );
    if (!('kind' in admission)) throw admission;
    const { actor } = asUser(admission);
    expect(await outcomeOf(editUser(ctx, actor, person.id, { emailCodeEnabled: false }))).toBe('identity_last_method');
    await give(ctx, person.id, { identity: {} });
    expect(await outcomeOf(editUser(ctx, actor, person.id, { emailCodeEnabled: false }))).toBe('ok');
    expect(await outcomeOf(editUser(ctx, aServer(), person.id, { emailCodeEnabled: false }))).toBe('ok');
  });
});
