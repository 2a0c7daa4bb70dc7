import { expect, test } from 'vitest';
import { seconds } from '../../../src/base/clock.ts';
import { onOneEngine, rawRequest } from '../../kit/stage.ts';

const production = { development: false, http: { limits: true, trustedProxies: ['127.0.0.1'] } };

onOneEngine('Limits of the pages', production, (stage) => {
  let hosts = 0;
  const aHost = () => `198.51.${++hosts}.7`;
  const send = (path: string, ip: string, method = 'POST') =>
    rawRequest(stage.world.url, path, {
      method,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': ip },
      ...(method === 'POST' && { body: 'token=x&password=long+enough&again=long+enough' }),
    });
  const statuses = async (count: number, path: string, ip: string, method?: string) => {
    const found: number[] = [];
    for (let at = 0; at < count; at += 1) found.push((await send(path, ip, method)).status);
    return found;
  };

  test.each(['/-/setup', '/-/reset-password', '/-/verify-email', '/-/confirm-email-change'])(
    'the eleventh time in a minute that one address sends %s is refused',
    async (path) => {
      const ip = aHost();
      expect(new Set(await statuses(10, path, ip))).toEqual(new Set([400]));
      const refused = await send(path, ip);
      expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
      expect(refused.text).toContain('TOO_MANY_REQUESTS');
      expect((await send(path, aHost())).status).toBe(400);
      stage.world.clock.advance(seconds(60));
      expect((await send(path, ip)).status).toBe(400);
    },
  );

  test('pages that read codes are bounded too, apart from their forms', async () => {
    const ip = aHost();
    const read = await statuses(61, '/-/reset-password?token=x', ip, 'GET');
    expect([read[59], read[60]]).toEqual([400, 429]);
    expect((await send('/-/reset-password', ip)).status).toBe(400);
  });
});
