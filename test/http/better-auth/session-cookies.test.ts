import { expect, test } from 'vitest';
import { betterAuthCookies } from '../../../src/http/better-auth/session-cookies.ts';
import { onOneEngine } from '../../kit/core-world.ts';

const settings = { baseUrl: 'https://id.example.com', cookiePrefix: 'better-auth', cookieDomain: null };

onOneEngine('the signed session cookie', {}, (world) => {
  const signedCookie = async () => {
    const cookies = betterAuthCookies(world.context(), settings);
    const { token, actor } = await world.signIn(await world.person());
    return { cookies, token, actor, signed: cookies.sign(token) };
  };

  /** Another signature of the same length. */
  const tampered = (signed: string): string => {
    const at = signed.lastIndexOf('.') + 1;
    return `${signed.slice(0, at)}${signed[at] === 'A' ? 'B' : 'A'}${signed.slice(at + 1)}`;
  };

  test('is right with its own signature alone', async () => {
    const { cookies, token, signed } = await signedCookie();
    expect(cookies.verify(signed)).toBe(token);
    expect(cookies.verify(tampered(signed))).toBeNull();
  });

  test('a signature that was found right once makes no other one right', async () => {
    const { cookies, token, signed, actor } = await signedCookie();
    // A live session in memory remembers the cookie that was verified.
    const ctx = world.context();
    ctx.sessionCache.put(token, actor.live, ctx.sessionCache.epoch());
    for (let times = 0; times < 3; times += 1) expect(cookies.verify(signed)).toBe(token);
    expect(cookies.verify(tampered(signed))).toBeNull();
    expect(cookies.verify(signed)).toBe(token);
  });

  test('the signature of another token is worth nothing', async () => {
    const { cookies, token } = await signedCookie();
    const other = await signedCookie();
    const foreign = other.signed.slice(other.signed.lastIndexOf('.'));
    expect(cookies.verify(`${token}${foreign}`)).toBeNull();
  });
});
