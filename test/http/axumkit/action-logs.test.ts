import { describe, expect, test } from 'vitest';
import { systemActor } from '../../../src/core/actor.ts';
import { editUser } from '../../../src/core/users/edit-user.ts';
import { editUserByAdmin } from '../../../src/core/users/edit-user-by-admin.ts';
import {
  type AxumKitStage,
  axumKitOnOneEngine,
  expectError,
  expectStatus,
  otherPassword,
  password,
} from '../../kit/axumkit.ts';
import { aServer } from '../../kit/servers.ts';

interface Line {
  readonly id: string;
  readonly action: string;
  readonly actor_id: string | null;
  readonly resource_id: string | null;
}
interface Page {
  readonly data: readonly Line[];
  readonly has_newer: boolean;
  readonly has_older: boolean;
}

const operatorRenames = (kit: AxumKitStage, id: string, displayName: string) =>
  editUserByAdmin(kit.world.app.mainProject.context('cli'), systemActor, id, { displayName });

const list = async (kit: AxumKitStage, query: string): Promise<Page> => {
  const reply = await kit.browser().get(`/v0/action-logs?${query}`);
  expectStatus(reply, 200);
  return reply.body;
};
const actionsOf = async (kit: AxumKitStage, id: string) =>
  (await list(kit, `limit=100&resource_id=${id}`)).data.map(({ action }) => action);

axumKitOnOneEngine('action logs (spec §2.7, core map W3)', {}, (kit) => {
  test('a record has every key, in upstream’s order, and nothing that is nobody’s business', async () => {
    const { browser, id, email } = await kit.resident();
    expectStatus(await browser.send('PATCH', '/v0/user/me', { bio: 'my secret bio' }), 200);
    const reply = await kit.browser().get(`/v0/action-logs?limit=5&user_id=${id}`);
    expectStatus(reply, 200);
    expect(reply.headers.get('content-type')).toBe('application/json');
    expect(Object.keys(reply.body)).toEqual(['data', 'has_newer', 'has_older']);
    const [line] = reply.body.data;
    expect(line).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      action: 'user:edit',
      actor_id: id,
      actor_ip: null,
      resource_type: 'User',
      resource_id: id,
      summary: 'Profile changed',
      metadata: {},
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/),
    });
    expect(Object.keys(line)).toEqual([
      ...['id', 'action', 'actor_id', 'actor_ip', 'resource_type', 'resource_id', 'summary', 'metadata', 'created_at'],
    ]);
    for (const private_ of [email, '203.', 'bio', 'Ada']) expect(reply.text).not.toContain(private_);
  });

  test('by default: sign-up and changes of the profile, no sign-ins', async () => {
    const { browser, id } = await kit.resident();
    expectStatus(await browser.send('PATCH', '/v0/user/me', { display_name: 'Grace' }), 200);
    expectStatus(await browser.post('/v0/auth/logout'), 204);
    expect(await actionsOf(kit, id)).toEqual(['user:edit', 'user:create']);
  });

  test('who has no public profile is not in it, and what they did before they had one stays out', async () => {
    const { token, id, browser: own } = await kit.stage.member();
    expectStatus(await own.post('/update-user', { name: 'Grace' }), 200);
    expect(await actionsOf(kit, id)).toEqual([]);
    const browser = kit.browser({ cookie: `session_id=${token}` });
    expectStatus(await browser.send('PATCH', '/v0/user/me', { bio: 'Hello' }), 200);
    expect(await actionsOf(kit, id)).toEqual(['user:edit']);
  });

  test('what is changed over another API is in it too; what the profile does not show is not', async () => {
    const { browser, id, email } = await kit.resident();
    const elsewhere = await kit.stage.signIn({ email });
    expectStatus(await elsewhere.post('/update-user', { name: 'Grace' }), 200);
    expect(await actionsOf(kit, id)).toEqual(['user:edit', 'user:create']);
    const mine = await browser.get('/v0/user/me');
    expect(mine.body.display_name).toBe('Grace');
  });

  test('what somebody else did to a person does not say who', async () => {
    const { id } = await kit.resident();
    await operatorRenames(kit, id, 'Named by the operator');
    const { data } = await list(kit, `limit=1&resource_id=${id}`);
    expect(data[0]).toMatchObject({ action: 'user:edit', actor_id: null, resource_id: id });
    // And is not what that person did.
    expect((await list(kit, `limit=5&user_id=${id}`)).data.map(({ action }) => action)).toEqual(['user:create']);
  });

  test('who is banned or restricted is taken out of it, and stays out', async () => {
    const [banned, restricted] = [await kit.resident(), await kit.resident()];
    expect(await actionsOf(kit, banned.id)).toEqual(['user:create']);
    await kit.stage.ban(banned.id);
    const ctx = kit.world.app.mainProject.context('hexclave');
    await editUser(ctx, aServer(), restricted.id, { restriction: { restricted: true } });
    await operatorRenames(kit, banned.id, 'Still banned');
    await kit.stage.unban(banned.id);
    for (const { id } of [banned, restricted]) expect(await actionsOf(kit, id)).toEqual([]);
  });

  describe('pages', () => {
    const edits = async (count: number) => {
      const resident = await kit.resident();
      for (let n = 0; n < count; n += 1) {
        expectStatus(await resident.browser.send('PATCH', '/v0/user/me', { bio: `bio ${n}` }), 200);
      }
      const { data } = await list(kit, `limit=100&user_id=${resident.id}`);
      expect(data).toHaveLength(count + 1);
      return { id: resident.id, ids: data.map((line) => line.id) };
    };
    const idsOf = ({ data }: Page) => data.map((line) => line.id);

    test('newest first; Older and Newer, cursor not included; flags say what lies beyond', async () => {
      const { id, ids } = await edits(6);
      expect(ids).toEqual([...ids].sort().reverse());
      const page = (query: string) => list(kit, `user_id=${id}&${query}`);
      const newest = await page('limit=3');
      expect(idsOf(newest)).toEqual(ids.slice(0, 3));
      expect(newest).toMatchObject({ has_newer: false, has_older: true });
      const middle = await page(`limit=2&cursor_id=${ids[2]}`);
      expect(idsOf(middle)).toEqual(ids.slice(3, 5));
      expect(middle).toMatchObject({ has_newer: true, has_older: true });
      const oldest = await page(`limit=2&cursor_id=${ids[4]}&cursor_direction=Older`);
      expect(idsOf(oldest)).toEqual(ids.slice(5));
      expect(oldest).toMatchObject({ has_newer: true, has_older: false });
      const up = await page(`limit=2&cursor_id=${ids[5]}&cursor_direction=Newer`);
      expect(idsOf(up)).toEqual(ids.slice(3, 5));
      expect(up).toMatchObject({ has_newer: true, has_older: true });
      const top = await page(`limit=5&cursor_id=${ids[2]}&cursor_direction=Newer`);
      expect(idsOf(top)).toEqual(ids.slice(0, 2));
      expect(top).toMatchObject({ has_newer: false, has_older: true });
    });

    test('past either end there is nothing, and both flags are false', async () => {
      const { id, ids } = await edits(1);
      const empty = { data: [], has_newer: false, has_older: false };
      expect(await list(kit, `user_id=${id}&limit=2&cursor_id=${ids.at(-1)}`)).toEqual(empty);
      expect(await list(kit, `user_id=${id}&limit=2&cursor_id=${ids[0]}&cursor_direction=Newer`)).toEqual(empty);
    });

    test('Newer without a cursor is the newest page, newest first (core map §5.3)', async () => {
      const { id, ids } = await edits(2);
      const page = await list(kit, `user_id=${id}&limit=2&cursor_direction=Newer`);
      expect(idsOf(page)).toEqual(ids.slice(0, 2));
      expect(page).toMatchObject({ has_newer: false, has_older: true });
    });

    test('several actions and one by one walk the same log', async () => {
      const { id, ids } = await edits(3);
      const walk = async (filter: string) => {
        const seen: string[] = [];
        for (let cursor = ''; ; ) {
          const page = await list(kit, `limit=1&${filter}${cursor}`);
          seen.push(...idsOf(page).filter((one) => ids.includes(one)));
          if (!page.has_older) return seen;
          cursor = `&cursor_id=${page.data.at(-1)!.id}`;
        }
      };
      expect(await walk('actions=user:create&actions=user:edit')).toEqual(ids);
      expect(await walk(`resource_id=${id}`)).toEqual(ids);
      expect(await walk('actions=user:create')).toEqual([ids.at(-1)]);
    });
  });

  describe('filters', () => {
    test('by action, repeatable; names of what does not exist here match nothing', async () => {
      const { browser, id } = await kit.resident();
      await browser.send('PATCH', '/v0/user/me', { bio: 'x' });
      const of = async (query: string) =>
        (await list(kit, `limit=10&user_id=${id}&${query}`)).data.map(({ action }) => action);
      expect(await of('actions=user:create')).toEqual(['user:create']);
      expect(await of('actions=user:create&actions=user:edit')).toEqual(['user:edit', 'user:create']);
      expect(await of('actions=post:create')).toEqual([]);
      expect(await of('actions=auth:login')).toEqual([]);
      expect(await of('actions=')).toEqual(['user:edit', 'user:create']);
      expect(await of('resource_type=User')).toEqual(['user:edit', 'user:create']);
      expect(await of('resource_type=Post')).toEqual([]);
      expect(await of('resource_type=&resource_id=&cursor_id=&cursor_direction=')).toEqual([
        'user:edit',
        'user:create',
      ]);
    });

    test('ids in every way of writing; two people have nothing in common', async () => {
      const [one, two] = [await kit.resident(), await kit.resident()];
      for (const given of [one.id.toUpperCase(), one.id.replaceAll('-', ''), `{${one.id}}`, `urn:uuid:${one.id}`]) {
        expect((await list(kit, `limit=9&user_id=${encodeURIComponent(given)}`)).data).toHaveLength(1);
      }
      expect((await list(kit, `limit=9&user_id=${one.id}&resource_id=${two.id}`)).data).toEqual([]);
      expect((await list(kit, `limit=9&user_id=${one.id}&resource_id=${one.id}`)).data).toHaveLength(1);
    });
  });

  describe('refuses', () => {
    const rows: readonly [string, string, string][] = [
      ['no limit', '', 'general:bad_request'],
      ['an empty limit', 'limit=', 'general:bad_request'],
      ['limit 0', 'limit=0', 'general:validation_error'],
      ['limit 101', 'limit=101', 'general:validation_error'],
      ['limit -1', 'limit=-1', 'general:bad_request'],
      ['limit x', 'limit=x', 'general:bad_request'],
      ['two limits', 'limit=1&limit=2', 'general:bad_request'],
      ['a cursor that is no id', 'limit=1&cursor_id=x', 'general:bad_request'],
      ['a direction it does not know', 'limit=1&cursor_direction=older', 'general:bad_request'],
      ['an action it does not know', 'limit=1&actions=user:create&actions=user:ban', 'general:bad_request'],
      ['a type it does not know', 'limit=1&resource_type=Board', 'general:bad_request'],
      ['a user that is no id', 'limit=1&user_id=me', 'general:bad_request'],
      ['U+0000', 'limit=1&user_id=%00', 'general:bad_request'],
    ];
    for (const [what, query, code] of rows) {
      test(what, async () => expectError(await kit.browser().get(`/v0/action-logs?${query}`), 400, code));
    }
  });
});

axumKitOnOneEngine('axumkit.publicLog: all', { policy: { 'axumkit.publicLog': 'all' } }, (kit) => {
  test('also sign-ins and sign-outs of people with a public profile, and of nobody else', async () => {
    const { browser, id } = await kit.resident();
    expectStatus(await browser.post('/v0/auth/logout'), 204);
    expect(await actionsOf(kit, id)).toEqual(['auth:logout', 'auth:login', 'user:create']);
    expect((await list(kit, `limit=9&user_id=${id}&actions=auth:login`)).data).toHaveLength(1);
    expect((await list(kit, `limit=9&user_id=${id}&actions=auth:oauth_login`)).data).toEqual([]);
    const member = await kit.stage.member();
    await kit.stage.signIn(member);
    expect(await actionsOf(kit, member.id)).toEqual([]);
  });

  test('a changed password and a mailed code stay private', async () => {
    const { browser, id } = await kit.resident();
    const before = await actionsOf(kit, id);
    expectStatus(
      await browser.post('/v0/auth/change-password', { current_password: password, new_password: otherPassword }),
      204,
    );
    await browser.post('/v0/auth/forgot-password', { email: 'nobody@example.com' });
    expect((await actionsOf(kit, id)).filter((action) => action !== 'auth:logout')).toEqual(before);
  });
});

axumKitOnOneEngine('axumkit.publicLog: off', { policy: { 'axumkit.publicLog': 'off' } }, (kit) => {
  test('the log is empty, and nothing is recorded as public', async () => {
    const { browser, id } = await kit.resident();
    await browser.send('PATCH', '/v0/user/me', { bio: 'x' });
    expect(await list(kit, 'limit=10')).toEqual({ data: [], has_newer: false, has_older: false });
    const events = await kit.world.app.mainProject.store.read.events.listOf(id, { limit: 10 });
    expect(events.map(({ visibility }) => visibility)).toEqual(['user', 'user', 'user']);
  });
});

axumKitOnOneEngine('profiles.public: all', { policy: { 'profiles.public': 'all' } }, (kit) => {
  test('everybody’s profile is public, and so are its changes', async () => {
    const { browser, id } = await kit.stage.member();
    expectStatus(await browser.post('/update-user', { name: 'Grace' }), 200);
    expect(await actionsOf(kit, id)).toEqual(['user:edit', 'user:create']);
  });
});
