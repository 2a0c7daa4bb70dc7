import { expect, test } from 'vitest';
import { days, minutes } from '../../../src/base/clock.ts';
import { asSystem } from '../../../src/core/acting.ts';
import { isKnownNetwork } from '../../../src/core/networks/known-network.ts';
import { admitUser, type Proof } from '../../../src/core/sessions/admit-user.ts';
import type { Person } from '../../../src/core/users/user.ts';
import { onOneEngine, stranger } from '../../kit/core-world.ts';

const home = '192.0.2.77';

onOneEngine('A network', {}, (world) => {
  const enter = (person: Person, method: Proof['method'], ip: string | null = home) => {
    const ctx = world.context('hexclave');
    const actor = { ...stranger, from: { ip, userAgent: null } };
    return asSystem(ctx, (tx) => admitUser(ctx, tx, actor, person, { method, strongFrom: null, persistent: true }));
  };
  const known = ({ id }: Person, ip: string | null = home) => isKnownNetwork(world.context(), id, ip);

  test.each(['password', 'mail_code', 'mail_link', 'recovery_link', 'provider', 'passkey', 'sign_up'] as const)(
    'is the person’s own after they came in by %s',
    async (method) => {
      const person = await world.person();
      expect(await known(person)).toBe(false);
      await enter(person, method);
      expect(await known(person)).toBe(true);
    },
  );

  test.each(['impersonation', 'server', 'anonymous'] as const)(
    'is nobody’s own after a session by %s',
    async (method) => {
      const person = await world.person();
      await enter(person, method);
      expect(await known(person)).toBe(false);
    },
  );

  test('is never known where there is no address', async () => {
    const person = await world.person();
    await enter(person, 'password', null);
    expect(await known(person, null)).toBe(false);
  });

  test('is forgotten ninety days after the last sign-in from it', async () => {
    const person = await world.person();
    await enter(person, 'password');
    world.clock.advance(days(60));
    await enter(person, 'password');
    world.clock.advance(days(90) - minutes(1));
    expect(await known(person)).toBe(true);
    world.clock.advance(minutes(1));
    expect(await known(person)).toBe(false);
  });

  test('is stored so that nobody can read from the table who shares one', async () => {
    const [one, other] = [await world.person(), await world.person()];
    for (const person of [one, other]) await enter(person, 'password', '203.0.113.50');
    const rows = await world.database.rows('SELECT network_mac FROM known_network WHERE user_id IN (?, ?)', [
      one.id,
      other.id,
    ]);
    const stored = rows.map(({ network_mac }) => Buffer.from(network_mac as Uint8Array).toString('hex'));
    expect(new Set(stored).size).toBe(2);
  });
});
