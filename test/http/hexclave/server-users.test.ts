import { hash as argon2 } from '@node-rs/argon2';
import { decodeJwt } from 'jose';
import { expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnEveryEngine, hexclaveOnOneEngine, password } from '../../kit/hexclave.ts';

const secret = Buffer.from('example value').toString('base64');
const make = (project: HexclaveProject, body: unknown) => project.request('POST /users', { access: 'server', body });
const signIn = (project: HexclaveProject, email: string, secretText = password) =>
  project.request('POST /auth/password/sign-in', { body: { email, password: secretText } });

hexclaveOnOneEngine('users made by the server (spec §4.1)', {}, (stage) => {
  it('may be nothing but a user', async () => {
    const project = await stage.project();
    const { status, body } = await make(project, {});
    expect(status).toBe(201);
    expect(body).toMatchObject({
      primary_email: null,
      has_password: false,
      auth_with_email: false,
      primary_email_auth_enabled: false,
      is_anonymous: false,
      display_name: null,
    });
    const read = await project.request(`GET /users/${body.id}`, { access: 'server' });
    expect(read.body).toEqual(body);
  });

  it('have every field that is given', async () => {
    const project = await stage.project({ 'auth.otp.allowSignIn': true });
    const email = stage.address();
    const given = {
      display_name: 'Ada',
      profile_image_url: 'https://example.com/a.png',
      client_metadata: { a: 1 },
      client_read_only_metadata: { b: 2 },
      server_metadata: { c: 3 },
      primary_email: email,
      primary_email_verified: true,
      primary_email_auth_enabled: true,
      otp_auth_enabled: true,
      restricted_by_admin: true,
      restricted_by_admin_reason: 'because',
      restricted_by_admin_private_details: 'between us',
      country_code: 'at',
      risk_scores: { sign_up: { bot: 10, free_trial_abuse: 20 } },
    };
    const { body } = await make(project, { ...given, password, totp_secret_base64: secret });
    expect(body).toMatchObject({
      ...given,
      country_code: 'AT',
      has_password: true,
      requires_totp_mfa: true,
      is_restricted: true,
      restricted_reason: { type: 'restricted_by_administrator' },
    });
    expect((await signIn(project, email)).body.code).toBe('MULTI_FACTOR_AUTHENTICATION_REQUIRED');
  });

  it('get the personal team and the permissions of whoever comes', async () => {
    const project = await stage.project();
    await project.configure({ 'teams.createPersonalTeamOnSignUp': true });
    const { body } = await make(project, { display_name: 'Ada' });
    expect(body.selected_team).toMatchObject({ display_name: "Ada's Team" });
  });

  it('sign in with a password or a hash that another system made', async () => {
    const project = await stage.project();
    const [first, second] = [stage.address(), stage.address()];
    await make(project, { primary_email: first, primary_email_auth_enabled: true, password });
    expect((await signIn(project, first)).status).toBe(200);
    const foreign = await argon2(password, { memoryCost: 1024, timeCost: 1 });
    const hashed = { primary_email: second, primary_email_auth_enabled: true, password_hash: foreign };
    expect((await make(project, hashed)).status).toBe(201);
    expect((await signIn(project, second)).status).toBe(200);
  });

  it('are refused where the fields do not go together', async () => {
    const project = await stage.project({ 'auth.password.allowSignIn': false });
    const taken = stage.address();
    await make(project, { primary_email: taken, primary_email_auth_enabled: true });
    const open = await stage.project();
    const refusals: readonly (readonly [HexclaveProject, unknown, string])[] = [
      [open, { password, password_hash: '$2a$' }, 'Cannot set both password and password_hash at the same time.'],
      [
        open,
        { password_hash: 'plain' },
        "Invalid password hash. Make sure it's a supported algorithm in Modular Crypt Format.",
      ],
      [open, { primary_email_auth_enabled: true }, 'primary_email_auth_enabled cannot be true without primary_email'],
      [open, { primary_email_verified: true }, 'primary_email_verified cannot be true without primary_email'],
      [project, { password }, 'Password auth not enabled in the project'],
      [open, { otp_auth_enabled: true }, 'OTP auth not enabled in the project'],
      [open, { oauth_providers: [{ id: 'nobody', account_id: '1', email: null }] }, 'OAuth provider nobody not found'],
      [open, { restricted_by_admin_reason: 'x' }, 'restricted_by_admin_reason requires restricted_by_admin=true'],
      [
        open,
        { restricted_by_admin: false, restricted_by_admin_private_details: 'x' },
        'restricted_by_admin_private_details requires restricted_by_admin=true',
      ],
    ];
    for (const [of, body, words] of refusals) {
      const reply = await make(of, body);
      expect([reply.status, reply.text]).toEqual([400, words]);
    }
    const again = await make(project, { primary_email: taken.toUpperCase(), primary_email_auth_enabled: true });
    expect([again.status, again.body]).toEqual([
      409,
      {
        code: 'USER_EMAIL_ALREADY_EXISTS',
        details: { email: taken, would_work_if_email_was_verified: false },
        error: `A user with email "${taken}" already exists.`,
      },
    ]);
    const besides = await make(project, { primary_email: taken });
    expect(besides.body).toMatchObject({ primary_email: taken, primary_email_auth_enabled: false });
    expect((await make(open, { password: '' })).body.code).toBe('PASSWORD_TOO_SHORT');
    expect((await make(open, { password: 'x'.repeat(71) })).body.error).toContain(
      'body.password must be at most 70 characters',
    );
    expect((await make(open, { primary_email: 'nonsense' })).body.error).toContain(
      'body.primary_email must be a valid email',
    );
    const { items } = (await project.request('GET /users', { access: 'server' })).body;
    expect(items).toHaveLength(2);
  });

  it('have accounts at providers, each of one person only', async () => {
    const provider = { type: 'github', isShared: false, clientId: 'id', clientSecret: 'secret', allowSignIn: true };
    const paths = Object.entries(provider).map(([name, value]) => [`auth.oauth.providers.github.${name}`, value]);
    const project = await stage.project(Object.fromEntries(paths));
    const oauth_providers = [{ id: 'github', account_id: 'x1', email: 'a@b.example' }];
    const first = await make(project, { oauth_providers });
    expect(first.body.oauth_providers).toEqual(oauth_providers);
    const second = await make(project, { oauth_providers });
    expect([second.status, second.body.code]).toEqual([409, 'OAUTH_CONNECTION_ALREADY_CONNECTED_TO_ANOTHER_USER']);
  });
});

hexclaveOnOneEngine('users changed by the server (spec §4.1)', {}, (stage) => {
  it('are unknown to clients, whatever the id', async () => {
    const project = await stage.project();
    const { access_token: token, user_id } = await project.signUp();
    for (const route of ['GET /users', `GET /users/${user_id}`, 'GET /users/malformed', 'POST /users'] as const) {
      const reply = await project.request(route, { token, body: route.startsWith('POST') ? {} : undefined });
      expect([reply.status, reply.body.code]).toEqual([401, 'INSUFFICIENT_ACCESS_TYPE']);
    }
    const malformed = await project.request('GET /users/malformed', { access: 'server' });
    expect(malformed.body.error).toContain('params.user_id must be a valid UUID');
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      const reply = await project.request(`${method} /users/${crypto.randomUUID()}`, {
        access: 'server',
        body: method === 'PATCH' ? {} : undefined,
      });
      expect([reply.status, reply.body.code]).toEqual([404, 'USER_NOT_FOUND']);
    }
  });

  it('are those of the project only', async () => {
    const [project, other] = [await stage.project(), await stage.project()];
    const { user_id } = await project.signUp();
    for (const method of ['GET', 'PATCH', 'DELETE'] as const) {
      const body = method === 'PATCH' ? { display_name: 'x' } : undefined;
      const reply = await other.request(`${method} /users/${user_id}`, { access: 'server', body });
      expect(reply.body.code).toBe('USER_NOT_FOUND');
    }
    expect((await project.request(`GET /users/${user_id}`, { access: 'server' })).body.display_name).toBeNull();
  });

  it('lose every session with a new password, and the password with null', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const change = (body: unknown) => project.request(`PATCH /users/${user.user_id}`, { access: 'server', body });
    expect((await change({ password: 'another one' })).status).toBe(200);
    const refresh = await project.request('POST /auth/sessions/current/refresh', { refreshToken: user.refresh_token });
    expect(refresh.body.code).toBe('REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED');
    expect((await signIn(project, user.email)).body.code).toBe('EMAIL_PASSWORD_MISMATCH');
    expect((await signIn(project, user.email, 'another one')).status).toBe(200);
    expect((await change({ password: null })).body.has_password).toBe(false);
    expect((await signIn(project, user.email, 'another one')).body.code).toBe('EMAIL_PASSWORD_MISMATCH');
  });

  it('have a second factor set and taken without a proof', async () => {
    const project = await stage.project();
    const { user_id } = await project.signUp();
    const change = (totp_secret_base64: unknown) =>
      project.request(`PATCH /users/${user_id}`, { access: 'server', body: { totp_secret_base64 } });
    expect((await change(secret)).body.requires_totp_mfa).toBe(true);
    expect((await change(secret)).body.requires_totp_mfa).toBe(true);
    expect((await change(null)).body.requires_totp_mfa).toBe(false);
  });

  it('stop being anonymous, and never become so', async () => {
    const project = await stage.project();
    const { body } = await project.request('POST /auth/anonymous/sign-up');
    const change = (is_anonymous: boolean) =>
      project.request(`PATCH /users/${body.user_id}`, { access: 'server', body: { is_anonymous } });
    stage.world.clock.advance(60_000);
    const before = (await project.request(`GET /users/${body.user_id}`, { access: 'server' })).body;
    const upgraded = await change(false);
    expect(upgraded.body).toMatchObject({ is_anonymous: false, is_restricted: false });
    expect(upgraded.body.signed_up_at_millis).toBeGreaterThan(before.signed_up_at_millis);
    expect((await change(true)).body.code).toBe('SCHEMA_ERROR');
  });

  it('are erased', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    expect((await project.request(`DELETE /users/${user.user_id}`, { access: 'server' })).body).toEqual({
      success: true,
    });
    const refresh = await project.request('POST /auth/sessions/current/refresh', { refreshToken: user.refresh_token });
    expect(refresh.body.code).toBe('REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED');
    expect((await project.request('GET /users/me', { token: user.access_token })).body.code).toBe(
      'CANNOT_GET_OWN_USER_WITHOUT_USER',
    );
    // `me` with server access needs no leave of the project.
    const self = await project.signUp();
    const gone = await project.request('DELETE /users/me', { access: 'server', token: self.access_token });
    expect(gone.body).toEqual({ success: true });
  });
});

hexclaveOnOneEngine('when users were last active (spec §4.1)', {}, (stage) => {
  it('is known to five minutes', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { sessionUses } = await project.context();
    const active = async () => {
      await sessionUses.flush();
      return (await project.request(`GET /users/${user.user_id}`, { access: 'server' })).body.last_active_at_millis;
    };
    const me = () => project.request('GET /users/me', { token: user.access_token });
    const start = stage.world.clock.now();
    expect(await active()).toBe(start);
    stage.world.clock.advance(120_000);
    await me();
    const first = await active();
    expect(first).toBe(start + 120_000);
    stage.world.clock.advance(120_000);
    await me();
    expect(await active()).toBe(first);
    stage.world.clock.advance(240_000);
    await me();
    expect(await active()).toBe(start + 480_000);
  });
});

hexclaveOnEveryEngine('the list of users (spec §4.1)', {}, (stage) => {
  const list = async (project: HexclaveProject, query = '') => {
    const reply = await project.request(`GET /users${query}`, { access: 'server' });
    expect(reply.status).toBe(200);
    expect(reply.body.is_paginated).toBe(true);
    return { ids: reply.body.items.map(({ id }: { id: string }) => id), next: reply.body.pagination.next_cursor };
  };

  it('is in the order of sign-up, in parts of any size', async () => {
    const project = await stage.project();
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      // Two at the same time, told apart by their ids.
      if (count !== 2) stage.world.clock.advance(1000);
      ids.push((await make(project, { display_name: `Person ${count}` })).body.id);
    }
    expect(await list(project)).toEqual({ ids, next: null });
    expect(await list(project, '?desc=true&order_by=signed_up_at')).toEqual({ ids: ids.toReversed(), next: null });
    for (const [query, order] of [
      ['', ids],
      ['&desc=true', ids.toReversed()],
    ] as const) {
      const seen: string[] = [];
      let cursor = '';
      for (;;) {
        const part = await list(project, `?limit=2${query}${cursor}`);
        seen.push(...part.ids);
        if (part.next === null) break;
        cursor = `&cursor=${part.next}`;
      }
      expect(seen).toEqual(order);
    }
    expect(await list(project, '?limit=5')).toEqual({ ids, next: null });
    expect((await list(project, `?cursor=${crypto.randomUUID()}`)).ids).toEqual([]);
    const wrong = await project.request('GET /users?order_by=name&limit=0', { access: 'server' });
    expect(wrong.body.code).toBe('SCHEMA_ERROR');
  });

  it('is searched by id, name and any address, in any case', async () => {
    const project = await stage.project();
    const ada = (await make(project, { display_name: 'Ada 100%', primary_email: 'first@example.com' })).body.id;
    const bob = (await make(project, { display_name: 'Bob_x' })).body.id;
    const channel = { user_id: bob, value: 'second@example.com', type: 'email', used_for_auth: false };
    await project.request('POST /contact-channels', { access: 'server', body: channel });
    const found = async (text: string) => (await list(project, `?query=${encodeURIComponent(text)}`)).ids;
    expect(await found('aDA')).toEqual([ada]);
    expect(await found(bob)).toEqual([bob]);
    expect(await found('SECOND@')).toEqual([bob]);
    expect(await found('%')).toEqual([ada]);
    expect(await found('_')).toEqual([bob]);
    expect(await found('nobody')).toEqual([]);
    expect(await found('')).toHaveLength(2);
  });

  it('is of one team', async () => {
    const project = await stage.project({ 'teams.allowClientTeamCreation': true });
    const user = await project.signUp();
    await project.signUp();
    const team = await project.request('POST /teams', {
      token: user.access_token,
      body: { display_name: 'A', creator_user_id: 'me' },
    });
    expect((await list(project, `?team_id=${team.body.id}`)).ids).toEqual([user.user_id]);
  });

  it('leaves out whoever is anonymous or restricted unless it is told otherwise', async () => {
    const project = await stage.project();
    const full = (await project.signUp()).user_id;
    const held = (await make(project, { restricted_by_admin: true })).body.id;
    const anonymous = (await project.request('POST /auth/anonymous/sign-up')).body.user_id;
    const all = [full, held, anonymous].sort();
    const sorted = async (query: string) => (await list(project, query)).ids.sort();
    expect(await sorted('')).toEqual([full]);
    expect(await sorted('?include_restricted=true')).toEqual([full, held].sort());
    expect(await sorted('?include_anonymous=true')).toEqual(all);
    expect(await sorted('?include_anonymous=true&only_anonymous=true')).toEqual([anonymous]);
    const alone = await project.request('GET /users?only_anonymous=true', { access: 'server' });
    expect([alone.status, alone.text]).toEqual([400, 'only_anonymous=true requires include_anonymous=true']);
    await project.configure({ 'onboarding.requireEmailVerification': true });
    expect(await sorted('')).toEqual([]);
    expect(await sorted('?include_restricted=true')).toEqual([full, held].sort());
  });
});

hexclaveOnOneEngine('restricted users (spec §1.9)', {}, (stage) => {
  it('are so until the primary address is proven, where the project asks for it', async () => {
    const project = await stage.project({ 'onboarding.requireEmailVerification': true });
    const user = await project.signUp();
    const asked = await project.request('GET /users/me', {
      token: user.access_token,
      headers: { 'x-stack-allow-anonymous-user': 'false', 'x-stack-allow-restricted-user': 'true' },
    });
    expect(asked.body).toMatchObject({ is_restricted: true, restricted_reason: { type: 'email_not_verified' } });
    const shut = await project.request('GET /users/me', {
      token: user.access_token,
      headers: { 'x-stack-allow-anonymous-user': 'false' },
    });
    expect([shut.status, shut.body.code]).toEqual([403, 'RESTRICTED_USER_NOT_ALLOWED']);
    const change = (body: unknown) => project.request(`PATCH /users/${user.user_id}`, { access: 'server', body });
    expect((await change({ primary_email_verified: true })).body).toMatchObject({
      is_restricted: false,
      restricted_reason: null,
    });
    expect((await change({ primary_email: stage.address() })).body).toMatchObject({
      is_restricted: true,
      restricted_reason: { type: 'email_not_verified' },
    });
    expect((await change({ primary_email: null })).body.is_restricted).toBe(true);
  });

  it('are so by the server, which says why, in public and in private', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const change = (body: unknown) => project.request(`PATCH /users/${user.user_id}`, { access: 'server', body });
    const without = await change({ restricted_by_admin_reason: 'x' });
    expect(without.text).toBe('restricted_by_admin_reason requires restricted_by_admin=true');
    const held = await change({
      restricted_by_admin: true,
      restricted_by_admin_reason: 'spam',
      restricted_by_admin_private_details: 'a hint',
    });
    expect(held.body).toMatchObject({
      is_restricted: true,
      restricted_by_admin: true,
      restricted_by_admin_reason: 'spam',
      restricted_by_admin_private_details: 'a hint',
    });
    const own = (await project.request('GET /users/me', { token: user.access_token })).body;
    expect(own).toMatchObject({ restricted_by_admin: true, restricted_by_admin_reason: 'spam' });
    expect(own).not.toHaveProperty('restricted_by_admin_private_details');
    expect((await change({ restricted_by_admin_reason: 'other' })).body.restricted_by_admin_reason).toBe('other');
    const again = await project.request('POST /auth/sessions/current/refresh', { refreshToken: user.refresh_token });
    expect(decodeJwt(again.body.access_token)).toMatchObject({
      aud: `${project.id}:restricted`,
      restricted_reason: { type: 'restricted_by_administrator' },
    });
    expect((await change({ restricted_by_admin: false })).body).toMatchObject({
      is_restricted: false,
      restricted_by_admin: false,
      restricted_by_admin_reason: null,
      restricted_by_admin_private_details: null,
    });
  });

  it('name the weightier of two reasons', async () => {
    const project = await stage.project({ 'onboarding.requireEmailVerification': true });
    const body = { restricted_by_admin: true, restricted_by_admin_reason: 'spam' };
    const both = await make(project, { ...body, primary_email: stage.address() });
    expect(both.body).toMatchObject({ restricted_by_admin: true, restricted_reason: { type: 'email_not_verified' } });
  });
});

hexclaveOnOneEngine('scores of risk (spec §4.1)', {}, (stage) => {
  it('stand at zero, are the server’s to write, and never a client’s to see', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const change = (body: unknown) => project.request(`PATCH /users/${user.user_id}`, { access: 'server', body });
    const scores = { sign_up: { bot: 70, free_trial_abuse: 5 } };
    expect((await change({})).body).toMatchObject({
      risk_scores: { sign_up: { bot: 0, free_trial_abuse: 0 } },
      country_code: null,
    });
    expect((await change({ risk_scores: scores, country_code: 'DE' })).body).toMatchObject({
      risk_scores: scores,
      country_code: 'DE',
    });
    expect((await change({ country_code: null })).body).toMatchObject({ risk_scores: scores, country_code: null });
    const over = await change({ risk_scores: { sign_up: { bot: 101, free_trial_abuse: 0 } } });
    expect(over.body.error).toContain('body.risk_scores.sign_up.bot must be less than or equal to 100');
    const own = (await project.request('GET /users/me', { token: user.access_token })).body;
    for (const hidden of ['risk_scores', 'country_code', 'server_metadata']) expect(own).not.toHaveProperty(hidden);
  });
});
