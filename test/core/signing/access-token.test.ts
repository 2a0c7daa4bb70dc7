import { decodeJwt } from 'jose';
import { expect, test } from 'vitest';
import { minutes, seconds } from '../../../src/base/clock.ts';
import { asSystem } from '../../../src/core/acting.ts';
import { admitUser } from '../../../src/core/sessions/admit-user.ts';
import { mintAccessToken } from '../../../src/core/signing/access-token.ts';
import { asUser, onOneEngine, stranger } from '../../kit/core-world.ts';

onOneEngine('access tokens', {}, (world) => {
  const sessionOf = async (lifeSeconds: number) => {
    const ctx = world.context('hexclave');
    const person = await world.person();
    const admission = await asSystem(ctx, (tx) =>
      admitUser(ctx, tx, stranger, person, { method: 'server', persistent: true, lifeSeconds }),
    );
    if (!('kind' in admission)) throw admission;
    return asUser(admission).actor.live;
  };
  const lifeOf = (token: string): number => {
    const { exp, iat } = decodeJwt(token);
    return exp! - iat!;
  };

  test('live ten minutes while their session lives longer', async () => {
    expect(lifeOf(await mintAccessToken(world.context('hexclave'), await sessionOf(86_400)))).toBe(600);
  });

  test('do not outlive their session', async () => {
    const live = await sessionOf(300);
    expect(lifeOf(await mintAccessToken(world.context('hexclave'), live))).toBe(300);
    world.clock.advance(minutes(4) + seconds(30));
    expect(lifeOf(await mintAccessToken(world.context('hexclave'), live))).toBe(30);
  });
});
