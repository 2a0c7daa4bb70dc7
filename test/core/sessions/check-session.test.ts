import { describe, expect, test } from 'vitest';
import { days, hours } from '../../../src/base/clock.ts';
import { Refusal } from '../../../src/base/refusal.ts';
import { systemActor } from '../../../src/core/actor.ts';
import { type CheckedSession, type CheckOptions, checkSession } from '../../../src/core/sessions/check-session.ts';
import type { SurfaceName } from '../../../src/core/surface.ts';
import { banUser } from '../../../src/core/users/ban-user.ts';
import { type CoreWorld, onOneEngine } from '../../kit/core-world.ts';

/** What a check comes to: the code of a refusal, or `live`, or `extended`. */
function outcome(checked: CheckedSession | Refusal): string {
  if (checked instanceof Refusal) return checked.code;
  return checked.extended ? 'extended' : 'live';
}

const check = async (world: CoreWorld, token: string, options: CheckOptions & { surface?: SurfaceName } = {}) =>
  outcome(await checkSession(world.context(options.surface), token, options));

const lives: readonly { surface: SurfaceName; idle: number; extendAfter: number }[] = [
  { surface: 'better-auth', idle: days(7), extendAfter: days(1) },
  { surface: 'axumkit', idle: hours(24), extendAfter: hours(12) },
  { surface: 'pages', idle: days(7), extendAfter: days(1) },
];

onOneEngine('A session made by a surface with a sliding life', {}, (world) => {
  describe.each(lives)('as $surface has it', ({ surface, idle, extendAfter }) => {
    const signedIn = async () => world.signIn(await world.person(), { surface });

    test.each([{ fromStore: false }, { fromStore: true }])(
      'ends when it is idle for that long: %o',
      async (options) => {
        const { token } = await signedIn();
        world.clock.advance(idle - 1);
        expect(await check(world, token, { ...options, withoutExtending: true })).toBe('live');
        world.clock.advance(1);
        expect(await check(world, token, options)).toBe('session_expired');
      },
    );

    test('moves its expiry by a use after the first part of it, and not before', async () => {
      const { token } = await signedIn();
      world.clock.advance(extendAfter - 1);
      expect(await check(world, token)).toBe('live');
      world.clock.advance(1);
      expect(await check(world, token)).toBe('extended');
      expect(await check(world, token)).toBe('live');
      world.clock.advance(idle - 1);
      expect(await check(world, token, { withoutExtending: true })).toBe('live');
      world.clock.advance(1);
      expect(await check(world, token)).toBe('session_expired');
    });
  });

  test('has the life of the surface that made it, whichever is asked', async () => {
    const { token } = await world.signIn(await world.person(), { surface: 'axumkit' });
    world.clock.advance(hours(12));
    expect(await check(world, token, { surface: 'better-auth' })).toBe('extended');
    world.clock.advance(hours(24));
    expect(await check(world, token, { surface: 'better-auth' })).toBe('session_expired');
  });

  test('has a fixed day where the person asked not to be remembered', async () => {
    const { token } = await world.signIn(await world.person(), { persistent: false });
    world.clock.advance(days(1) - 1);
    expect(await check(world, token)).toBe('live');
    world.clock.advance(1);
    expect(await check(world, token)).toBe('session_expired');
  });

  test('is nothing to whoever has another token', async () => {
    const { token } = await world.signIn(await world.person());
    const other = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0');
    expect(await check(world, other)).toBe('not_signed_in');
    expect(await check(world, 'no token')).toBe('not_signed_in');
    expect(await check(world, '')).toBe('not_signed_in');
  });

  test.each([{ fromStore: false }, { fromStore: true }])('opens nothing to a banned person: %o', async (options) => {
    const person = await world.person();
    const { token } = await world.signIn(person);
    expect(await check(world, token, options)).toBe('live');
    await banUser(world.context('cli'), systemActor, { userId: person.id, reason: null, seconds: null });
    // A ban ends sessions, so there is none to find any more.
    expect(await check(world, token, options)).toBe('not_signed_in');
  });
});

onOneEngine('A session without a sliding life', {}, (world) => {
  test('is not moved by any use and ends after a year', async () => {
    const { token } = await world.signIn(await world.person(), { surface: 'hexclave' });
    world.clock.advance(days(365) - 1);
    expect(await check(world, token)).toBe('live');
    world.clock.advance(1);
    expect(await check(world, token)).toBe('session_expired');
  });
});

const tenDays = 10 * 86_400;
onOneEngine('The longest life that policy allows', { policy: { 'session.maxAbsoluteSeconds': tenDays } }, (world) => {
  test('is reached by a session that is used, and is where it ends', async () => {
    const { token } = await world.signIn(await world.person());
    world.clock.advance(days(6));
    expect(await check(world, token)).toBe('extended');
    world.clock.advance(days(4) - 1);
    // What cannot be moved any further is not written again.
    expect(await check(world, token)).toBe('live');
    world.clock.advance(1);
    expect(await check(world, token)).toBe('session_expired');
  });

  test('holds for a surface that allows more', async () => {
    const { token } = await world.signIn(await world.person(), { surface: 'hexclave' });
    world.clock.advance(days(10) - 1);
    expect(await check(world, token)).toBe('live');
    world.clock.advance(1);
    expect(await check(world, token)).toBe('session_expired');
  });
});

onOneEngine('The longest idle life that policy allows', { policy: { 'session.maxIdleSeconds': 3600 } }, (world) => {
  test.each(['better-auth', 'axumkit', 'pages', 'hexclave'] as const)('holds on %s', async (surface) => {
    const { token } = await world.signIn(await world.person(), { surface });
    world.clock.advance(hours(1) - 1);
    expect(await check(world, token, { withoutExtending: true })).toBe('live');
    world.clock.advance(1);
    expect(await check(world, token)).toBe('session_expired');
  });
});
