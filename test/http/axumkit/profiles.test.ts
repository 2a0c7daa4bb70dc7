import { describe, expect, test } from 'vitest';
import { axumKitOnOneEngine, expectError, expectStatus } from '../../kit/axumkit.ts';

axumKitOnOneEngine('users and profiles (spec §2.5)', {}, (kit) => {
  test('the own profile: upstream’s keys in upstream’s order, absent ones left out', async () => {
    const { browser, email, handle, id } = await kit.resident();
    const reply = await browser.get('/v0/user/me');
    expectStatus(reply, 200);
    expect(Object.keys(reply.body)).toEqual(['id', 'email', 'handle', 'display_name', 'is_verified', 'created_at']);
    expect(reply.body).toMatchObject({ id, email, handle, display_name: 'Ada', is_verified: false });
    expect(reply.body.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(reply.body.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/);
    expect(reply.headers.get('content-type')).toBe('application/json');
  });

  test('PATCH: what is absent or null stays, values are set, a null clears the bio', async () => {
    const { browser } = await kit.resident();
    const patch = (body: unknown) => browser.send('PATCH', '/v0/user/me', body);
    const set = await patch({ display_name: 'Ada Lovelace', bio: 'First\nprogrammer.' });
    expectStatus(set, 200);
    expect(set.body).toMatchObject({ display_name: 'Ada Lovelace', bio: 'First\nprogrammer.' });
    expect((await patch({})).body).toEqual(set.body);
    expect((await patch({ display_name: null })).body).toEqual(set.body);
    expect((await patch({ display_name: 'Ada' })).body).toMatchObject({
      display_name: 'Ada',
      bio: 'First\nprogrammer.',
    });
    const cleared = await patch({ bio: null });
    expectStatus(cleared, 200);
    expect(Object.keys(cleared.body)).not.toContain('bio');
    expect((await browser.get('/v0/user/me')).body).toEqual(cleared.body);
  });

  test('PATCH: unknown and forbidden fields are ignored, and nobody else is changed', async () => {
    const { browser, email, id } = await kit.resident();
    const other = await kit.resident();
    const reply = await browser.send('PATCH', '/v0/user/me', {
      email: 'evil@example.com',
      id: other.id,
      is_verified: true,
      roles: ['admin'],
      display_name: 'Eve',
    });
    expect(reply.body).toMatchObject({ id, email, is_verified: false, display_name: 'Eve' });
    expect((await other.browser.get('/v0/user/me')).body.display_name).toBe('Ada');
  });

  test('PATCH: the handle may be changed to a free one, as later versions allow', async () => {
    const { browser } = await kit.resident();
    const other = await kit.resident();
    const next = kit.handle();
    expect((await browser.send('PATCH', '/v0/user/me', { handle: next })).body.handle).toBe(next);
    expectError(
      await browser.send('PATCH', '/v0/user/me', { handle: other.handle }),
      409,
      'user:handle_already_exists',
    );
  });

  test('PATCH: what is shown as one’s own handle may come back as it is', async () => {
    const { token } = await kit.stage.member();
    const unnamed = kit.browser({ cookie: `session_id=${token}` });
    const made = (await unnamed.get('/v0/user/me')).body.handle;
    expectStatus(await unnamed.send('PATCH', '/v0/user/me', { handle: made, bio: 'Hello' }), 200);
    const long = await kit.stage.member({ body: { username: 'a'.repeat(30) } });
    const named = kit.browser({ cookie: `session_id=${long.token}` });
    const reply = await named.send('PATCH', '/v0/user/me', { handle: 'a'.repeat(30), bio: 'Hello' });
    expect([reply.status, reply.body.handle]).toEqual([200, 'a'.repeat(30)]);
    expectError(await named.send('PATCH', '/v0/user/me', { handle: 'b'.repeat(21) }), 400, 'general:validation_error');
  });

  test('a handle that nobody could choose is unknown, as any other that is not there', async () => {
    expectError(await kit.browser().get('/v0/users/profile?handle=foo-bar'), 404, 'user:not_found');
  });

  describe('PATCH refuses', () => {
    const rows: readonly [string, unknown, string][] = [
      ['an empty name', { display_name: '' }, 'general:validation_error'],
      ['a blank name', { display_name: '  ' }, 'general:validation_error'],
      ['51 characters', { display_name: 'n'.repeat(51) }, 'general:validation_error'],
      ['a blank bio', { bio: ' \n' }, 'general:validation_error'],
      ['501 characters of bio', { bio: 'b'.repeat(501) }, 'general:validation_error'],
      ['a control character in the bio', { bio: 'a\u0008b' }, 'general:validation_error'],
      ['a number', { bio: 5 }, 'general:bad_request'],
      ['a list', [], 'general:bad_request'],
      ['null', null, 'general:bad_request'],
      ['a text', '"x"', 'general:bad_request'],
    ];
    for (const [what, body, code] of rows) {
      test(what, async () => {
        const { browser } = await kit.resident();
        expectError(await browser.send('PATCH', '/v0/user/me', body), 400, code);
      });
    }

    test('nobody in particular', async () => {
      expectError(await kit.browser().send('PATCH', '/v0/user/me', { bio: 'x' }), 401, 'user:unauthorized');
    });
  });

  test('a public profile never shows the address (e2e public_profile_never_exposes_the_email)', async () => {
    const { browser, handle, email, id } = await kit.resident();
    await browser.send('PATCH', '/v0/user/me', { bio: 'Hello' });
    const reply = await kit.browser().get(`/v0/users/profile?handle=${handle}`);
    expectStatus(reply, 200);
    expect(Object.keys(reply.body)).toEqual(['id', 'handle', 'display_name', 'bio', 'is_verified', 'created_at']);
    expect(reply.body).toMatchObject({ id, handle, bio: 'Hello' });
    expect(reply.text).not.toContain(email);
  });

  test('by id it is the same, in any way of writing the id (e2e public_profile_by_id_matches_handle_lookup)', async () => {
    const { handle, id } = await kit.resident();
    const byHandle = await kit.browser().get(`/v0/users/profile?handle=${handle}`);
    const hex = id.replaceAll('-', '');
    for (const given of [id, id.toUpperCase(), hex, `{${id}}`, `urn:uuid:${id}`]) {
      const byId = await kit.browser().get(`/v0/users/profile/id?user_id=${encodeURIComponent(given)}`);
      expectStatus(byId, 200);
      expect(byId.body).toEqual(byHandle.body);
    }
    const unknown = await kit.browser().get('/v0/users/profile/id?user_id=01900000-0000-7000-8000-000000000000');
    expectError(unknown, 404, 'user:not_found');
    for (const bad of ['x', '', '0190', 'zzzzzzzz-0000-7000-8000-000000000000']) {
      expectError(await kit.browser().get(`/v0/users/profile/id?user_id=${bad}`), 400, 'general:bad_request');
    }
    expectError(await kit.browser().get('/v0/users/profile/id'), 400, 'general:bad_request');
  });

  test('profile by handle: forms, unknown, repeated', async () => {
    const get = (query: string) => kit.browser().get(`/v0/users/profile${query}`);
    expectError(await get(''), 400, 'general:bad_request');
    expectError(await get('?handle=abc&handle=abd'), 400, 'general:bad_request');
    expectError(await get('?handle=ab'), 400, 'general:validation_error');
    expectError(await get('?handle='), 400, 'general:validation_error');
    expectError(await get('?handle=%20%20%20'), 400, 'general:validation_error');
    expectError(await get(`?handle=${'a'.repeat(31)}`), 400, 'general:validation_error');
    expectError(await get('?handle=nobody_here&utm=1'), 404, 'user:not_found');
    expectError(await get('?handle=abc%00'), 400, 'general:bad_request');
  });

  test('people who never chose a public profile have none (core map U3)', async () => {
    const { id } = await kit.stage.member({ body: { username: 'hidden_one' } });
    expectError(await kit.browser().get('/v0/users/profile?handle=hidden_one'), 404, 'user:not_found');
    expectError(await kit.browser().get(`/v0/users/profile/id?user_id=${id}`), 404, 'user:not_found');
  });

  test('whoever writes their profile here has one from then on, also without a username', async () => {
    const { token, id } = await kit.stage.member();
    const browser = kit.browser({ cookie: `session_id=${token}` });
    const me = await browser.get('/v0/user/me');
    expect(me.body.handle).toMatch(/^u2[a-z2-7]{18}$/);
    expectStatus(await browser.send('PATCH', '/v0/user/me', { bio: 'Hello' }), 200);
    const shown = await kit.browser().get(`/v0/users/profile/id?user_id=${id}`);
    expect(shown.body).toMatchObject({ handle: me.body.handle, bio: 'Hello' });
    const byHandle = (handle: string) => kit.browser().get(`/v0/users/profile?handle=${handle}`);
    expect((await byHandle(me.body.handle)).body).toEqual(shown.body);
    expect((await byHandle(me.body.handle.toUpperCase())).body).toEqual(shown.body);
    // Whoever has a username is not found by the other one.
    expectStatus(await browser.send('PATCH', '/v0/user/me', { handle: kit.handle() }), 200);
    expectError(await byHandle(me.body.handle), 404, 'user:not_found');
  });

  test('a banned person’s profile is not shown', async () => {
    const { handle, id } = await kit.resident();
    await kit.stage.ban(id);
    expectError(await kit.browser().get(`/v0/users/profile?handle=${handle}`), 404, 'user:not_found');
  });

  test('availability: taken is false, free is true (e2e handle_availability_reflects_signups)', async () => {
    const { handle } = await kit.resident();
    const ask = (given: string) => kit.browser().get(`/v0/users/handle/${given}/available`);
    expect((await ask(handle)).body).toEqual({ available: false });
    expect((await ask(handle.toUpperCase())).body).toEqual({ available: false });
    expect((await ask('free_as_a_bird')).body).toEqual({ available: true });
    expect((await ask('admin')).body).toEqual({ available: false });
    for (const bad of ['ab', 'a'.repeat(21), '%20%20%20', 'ada%20lovelace', '%F0%9F%8E%89%F0%9F%8E%89%F0%9F%8E%89']) {
      expectError(await ask(bad), 400, 'general:validation_error');
    }
  });

  test('the synthetic form of a handle cannot be chosen (core map U2)', async () => {
    const reply = await kit.browser().get('/v0/users/handle/u2bcdefgh234567abcde/available');
    expect(reply.body).toEqual({ available: false });
  });
});

axumKitOnOneEngine('profiles.public: all', { policy: { 'profiles.public': 'all' } }, (kit) => {
  test('shows people of every dialect', async () => {
    const { id } = await kit.stage.member({ body: { username: 'shown_one' } });
    const reply = await kit.browser().get('/v0/users/profile?handle=shown_one');
    expect(reply.body).toMatchObject({ id, handle: 'shown_one' });
  });
});

axumKitOnOneEngine('username.checkEndpoint off', { policy: { 'username.checkEndpoint': false } }, (kit) => {
  test('the availability check is not there', async () => {
    expectError(await kit.browser().get('/v0/users/handle/whoever/available'), 404, 'system:not_found');
  });
});
