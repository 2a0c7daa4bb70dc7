import { expect, test } from 'vitest';
import { minutes } from '../../../src/base/clock.ts';
import { onOneEngine, password } from '../../kit/stage.ts';

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

const levels = { info: 30, debug: 20 };

onOneEngine('Who was refused, and why, is in the log of every day', {}, (stage) => {
  /** What a request adds to the log of refusals. */
  async function refusals(work: () => Promise<unknown>, level = levels.info): Promise<Line[]> {
    const before = stage.world.logged.length;
    await work();
    const lines = stage.world.logged.slice(before).map((line) => JSON.parse(line) as Line);
    return lines.filter((line) => line.msg === 'refused' && line.level === level);
  }
  const signIn = (email: string, given: string) => stage.browser().post('/sign-in/email', { email, password: given });

  test('another password: whose account, from where, by which request', async () => {
    const { email, id } = await stage.member();
    const [line] = await refusals(() => signIn(email, 'another password'));
    expect(line).toMatchObject({
      ...{ surface: 'Better Auth', refusal: 'credential_rejected', why: 'another password', user: id },
      ...{ ip: expect.any(String), request: expect.any(String), route: expect.stringMatching(/\/sign-in\/email$/) },
    });
  });

  test('nobody by that name: what was typed is not in the log, it may be a password', async () => {
    const [line] = await refusals(() => signIn('typed-by-mistake@example.org', 'another password'));
    expect(line).toMatchObject({ refusal: 'credential_rejected', why: 'nobody is known by this name' });
    expect(line).not.toHaveProperty('user');
    expect(JSON.stringify(line)).not.toMatch(/typed-by-mistake|another-password/);
  });

  test('banned', async () => {
    const { email, id } = await stage.member({ verified: true });
    await stage.ban(id);
    const [line] = await refusals(() => signIn(email, password));
    expect(line).toMatchObject({ refusal: 'user_banned', user: id });
  });

  test('a dead link: where a redirect tells it, and where a page does', async () => {
    const browser = stage.browser();
    for (const path of ['/verify-email?token=dead&callbackURL=%2Fx', '/reset-password/dead?callbackURL=%2Fx']) {
      const lines = await refusals(() => browser.get(path));
      expect([path, lines]).toMatchObject([path, [{ surface: 'Better Auth', refusal: 'code_not_found' }]]);
    }
    for (const path of ['/-/reset-password', '/-/setup']) {
      const lines = await refusals(() => fetch(`${stage.world.url}${path}?token=dead`));
      expect([path, lines]).toMatchObject([path, [{ surface: 'Pages', refusal: 'code_not_found' }]]);
    }
  });

  test('too many tries', async () => {
    const { email } = await stage.member();
    const browser = stage.browser();
    const lines = await refusals(async () => {
      for (let n = 0; n < 12; n += 1) {
        await browser.post('/sign-in/email', { email, password: 'another password' });
        stage.world.clock.advance(minutes(0.2));
      }
    });
    expect(lines.some(({ refusal }) => refusal === 'too_many_requests')).toBe(true);
  });

  test('normal use is not: nobody signed in, a form filled in wrongly, a name that is taken', async () => {
    const browser = stage.browser();
    const { email } = await stage.member();
    const work = async () => {
      await browser.get('/list-sessions');
      await browser.post('/sign-up/email', { email: 'no address', password, name: 'Ada' });
      await browser.post('/sign-up/email', { email, password: 'short', name: 'Ada' });
    };
    expect(await refusals(work)).toEqual([]);
    expect((await refusals(work, levels.debug)).length).toBeGreaterThan(0);
  });
});
