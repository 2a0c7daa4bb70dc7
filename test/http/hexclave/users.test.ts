import { expect, it } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { bareIdentity } from '../../../src/core/identities/write-identity.ts';
import { readMetadata } from '../../../src/core/metadata.ts';
import { aPasskey } from '../../kit/alive.ts';
import { hexclaveOnOneEngine, password } from '../../kit/hexclave.ts';
import { png } from '../../kit/images.ts';

const secret = Buffer.from('example value').toString('base64');
const unknown = crypto.randomUUID();

hexclaveOnOneEngine('the current user (spec §2.8)', {}, (stage) => {
  it('has every key, and servers see more', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const { access_token: token } = user;
    const own = {
      id: user.user_id,
      primary_email: user.email,
      primary_email_verified: false,
      display_name: null,
      profile_image_url: null,
      client_metadata: null,
      client_read_only_metadata: null,
      signed_up_at_millis: expect.any(Number),
      selected_team_id: null,
      selected_team: null,
      is_anonymous: false,
      is_restricted: false,
      restricted_reason: null,
      restricted_by_admin: false,
      restricted_by_admin_reason: null,
      has_password: true,
      auth_with_email: true,
      otp_auth_enabled: false,
      passkey_auth_enabled: false,
      requires_totp_mfa: false,
      oauth_providers: [],
    };
    expect((await project.request('GET /users/me', { token })).body).toEqual(own);
    const extra = {
      primary_email_auth_enabled: true,
      server_metadata: null,
      last_active_at_millis: expect.any(Number),
      restricted_by_admin_private_details: null,
      country_code: null,
      risk_scores: { sign_up: { bot: 0, free_trial_abuse: 0 } },
    };
    expect((await project.request('GET /users/me', { token, access: 'server' })).body).toEqual({ ...own, ...extra });
    // What was shown to a server is not what a client is shown next.
    expect((await project.request('GET /users/me', { token })).body).toEqual(own);
    const byId = await project.request(`GET /users/${user.user_id}`, { access: 'server' });
    expect(byId.body).toEqual({ ...own, ...extra });
  });

  it('is nobody without an access token: a refresh token alone tells nothing', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    for (const access of ['client', 'server'] as const) {
      const reply = await project.request('GET /users/me', { access, refreshToken: user.refresh_token });
      expect([reply.status, reply.body.code]).toEqual([400, 'CANNOT_GET_OWN_USER_WITHOUT_USER']);
    }
    expect((await project.request('GET /users/me', { token: 'garbage' })).body.code).toBe('UNPARSABLE_ACCESS_TOKEN');
    const bare = await project.request('GET /users/me', { access: null });
    expect(bare.body.code).toBe('ACCESS_TYPE_REQUIRED');
  });

  it('changes name, metadata and nothing that is left out; an empty name is none', async () => {
    const project = await stage.project();
    const { access_token: token } = await project.signUp();
    const change = (body: unknown) => project.request('PATCH /users/me', { token, body });
    const first = await change({ display_name: 'Ada', client_metadata: { key: [1, null, { deep: true }] } });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ display_name: 'Ada', client_metadata: { key: [1, null, { deep: true }] } });
    const second = await change({ display_name: '' });
    expect(second.body).toMatchObject({ display_name: null, client_metadata: { key: [1, null, { deep: true }] } });
    expect((await change({ client_metadata: 'a text' })).body.client_metadata).toBe('a text');
    expect((await change({ client_metadata: null })).body.client_metadata).toBeNull();
    expect((await change({})).status).toBe(200);
    const long = await change({ display_name: 'x'.repeat(257) });
    expect(long.body.error).toBe(
      'Request validation failed on PATCH /api/v1/users/me:\n  - body.display_name must be at most 256 characters',
    );
  });

  it('does not let clients write what servers write', async () => {
    const project = await stage.project();
    const { access_token: token } = await project.signUp();
    for (const field of [
      ...['server_metadata', 'client_read_only_metadata', 'primary_email_verified', 'primary_email_auth_enabled'],
      ...['password', 'password_hash', 'restricted_by_admin', 'country_code', 'risk_scores', 'is_anonymous'],
    ]) {
      const reply = await project.request('PATCH /users/me', { token, body: { [field]: true } });
      expect(reply.body.error).toBe(
        `Request validation failed on PATCH /api/v1/users/me:\n  - body contains unknown properties: ${field}`,
      );
    }
  });

  it('keeps a picture that is sent as data, and no address of a client', async () => {
    const project = await stage.project();
    const { access_token: token } = await project.signUp();
    const change = (profile_image_url: unknown, access: 'client' | 'server' = 'client') =>
      project.request('PATCH /users/me', { token, access, body: { profile_image_url } });
    const data = `data:image/png;base64,${Buffer.from(await png()).toString('base64')}`;
    const stored = await change(data);
    expect(stored.status).toBe(200);
    const address = stored.body.profile_image_url;
    expect(address).toMatch(/^http.*\/[0-9a-f]{64}\.webp$/);
    const file = await fetch(address);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect((await project.request('GET /users/me', { token })).body.profile_image_url).toBe(address);

    for (const wrong of [
      'https://example.com/a.png',
      'data:image/svg+xml;base64,AAAA',
      'data:image/png;base64,AAAA',
      'data:text/html;base64,AAAA',
    ]) {
      const refused = await change(wrong);
      expect([refused.status, refused.text]).toEqual([400, 'Invalid profile image URL']);
    }
    expect((await change('not a url')).body.error).toContain('body.profile_image_url contains spaces');
    const byServer = await change('https://example.com/a.png', 'server');
    expect(byServer.body.profile_image_url).toBe('https://example.com/a.png');
    expect((await change('javascript:alert(1)', 'server')).text).toBe('Invalid profile image URL');
    expect((await change(null)).body.profile_image_url).toBeNull();
  });

  it('selects a team of their own, and none other', async () => {
    const project = await stage.project({ 'teams.allowClientTeamCreation': true });
    const { access_token: token, user_id } = await project.signUp();
    const stranger = await project.signUp();
    const team = await project.request('POST /teams', { token, body: { display_name: 'A', creator_user_id: 'me' } });
    const other = await project.request('POST /teams', {
      token: stranger.access_token,
      body: { display_name: 'B', creator_user_id: 'me' },
    });
    const select = (selected_team_id: unknown) =>
      project.request('PATCH /users/me', { token, body: { selected_team_id } });
    const chosen = await select(team.body.id);
    expect(chosen.body).toMatchObject({
      selected_team_id: team.body.id,
      selected_team: { id: team.body.id, display_name: 'A' },
    });
    for (const id of [other.body.id, unknown]) {
      const refused = await select(id);
      expect([refused.status, refused.body.code]).toEqual([404, 'TEAM_MEMBERSHIP_NOT_FOUND']);
      expect(refused.body.details).toEqual({ team_id: id, user_id });
    }
    expect((await select(null)).body).toMatchObject({ selected_team_id: null, selected_team: null });
  });

  it('switches an authenticator app on and off, and not in a session that never showed it', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const signedIn = await project.request('POST /auth/password/sign-in', { body: { email: user.email, password } });
    const change = (totp_secret_base64: unknown, token = user.access_token) =>
      project.request('PATCH /users/me', { token, body: { totp_secret_base64 } });
    expect((await change('%%%')).body.error).toContain('body.totp_secret_base64 is not valid base64');
    expect((await change('AAAA')).body.code).toBe('SCHEMA_ERROR');
    expect((await change(secret)).body.requires_totp_mfa).toBe(true);
    const again = await project.request('POST /auth/password/sign-in', { body: { email: user.email, password } });
    expect(again.body.code).toBe('MULTI_FACTOR_AUTHENTICATION_REQUIRED');

    for (const value of [secret, null]) {
      const refused = await change(value, signedIn.body.access_token);
      expect([refused.status, refused.text]).toEqual([
        403,
        'This change needs a recent sign-in. Sign in again and repeat it.',
      ]);
    }
    expect((await project.request('GET /users/me', { token: signedIn.body.access_token })).body.requires_totp_mfa).toBe(
      true,
    );
    expect((await change(null)).body.requires_totp_mfa).toBe(false);
    expect(
      (await project.request('POST /auth/password/sign-in', { body: { email: user.email, password } })).status,
    ).toBe(200);
  });

  it('uses mailed codes only where the project has them, and makes no passkeys by saying so', async () => {
    const project = await stage.project();
    const { access_token: token } = await project.signUp();
    const change = (body: unknown) => project.request('PATCH /users/me', { token, body });
    const off = await change({ otp_auth_enabled: true });
    expect([off.status, off.text]).toEqual([400, 'OTP auth not enabled in the project']);
    await project.configure({ 'auth.otp.allowSignIn': true });
    expect((await change({ otp_auth_enabled: true })).body).toMatchObject({ otp_auth_enabled: true });
    const passkey = await change({ passkey_auth_enabled: true });
    expect([passkey.status, passkey.text]).toEqual([
      400,
      'Cannot manually enable passkey auth, it is enabled iff there is a passkey auth method',
    ]);
    expect((await change({ passkey_auth_enabled: false })).status).toBe(200);
  });

  it('changes all of it or nothing', async () => {
    const project = await stage.project();
    const { access_token: token } = await project.signUp();
    const refused = await project.request('PATCH /users/me', {
      token,
      body: { display_name: 'Ada', totp_secret_base64: secret, selected_team_id: unknown },
    });
    expect(refused.status).toBe(404);
    expect((await project.request('GET /users/me', { token })).body).toMatchObject({
      display_name: null,
      requires_totp_mfa: false,
    });
  });

  it('leaves for good where the project lets people leave', async () => {
    const project = await stage.project();
    const user = await project.signUp();
    const leave = () => project.request('DELETE /users/me', { token: user.access_token });
    const refused = await leave();
    expect([refused.status, refused.text]).toEqual([400, 'Client user deletion is not enabled for this project']);
    await project.configure({ 'users.allowClientUserDeletion': true });
    expect((await leave()).body).toEqual({ success: true });
    const gone = await project.request('GET /users/me', { token: user.access_token });
    expect(gone.body.code).toBe('CANNOT_GET_OWN_USER_WITHOUT_USER');
    expect((await project.request('DELETE /users/me')).body.code).toBe('CANNOT_GET_OWN_USER_WITHOUT_USER');
    const refresh = await project.request('POST /auth/sessions/current/refresh', { refreshToken: user.refresh_token });
    expect(refresh.body.code).toBe('REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED');
    expect((await project.signUp(user.email)).user_id).not.toBe(user.user_id);
  });
});

hexclaveOnOneEngine('what is shown of a user is never old', {}, (stage) => {
  it('follows every change, whoever makes it', async () => {
    const project = await stage.project({ 'auth.otp.allowSignIn': true });
    const { access_token: token, user_id, email } = await project.signUp();
    const ctx = await project.context();
    const { store, clock } = ctx;
    const shown = async () => (await project.request('GET /users/me', { token })).body;
    const now = clock.now();
    const known = { userId: user_id, provider: 'github', subject: '1', email: 'a@b.example' };
    const identity = bareIdentity(ctx, { ...known, allowSignIn: true, allowConnect: true });
    const passkey = aPasskey(ctx, user_id);
    const steps: readonly (readonly [string, () => Promise<unknown>, Record<string, unknown>])[] = [
      ['a password goes', () => asSystem(ctx, (tx) => tx.passwords.remove(user_id)), { has_password: false }],
      [
        'a password comes',
        () =>
          asSystem(ctx, (tx) =>
            tx.passwords.set({ userId: user_id, hash: 'x', setAt: now, changedAt: now, strongFrom: null }),
          ),
        { has_password: true },
      ],
      ['a passkey comes', () => asSystem(ctx, (tx) => tx.passkeys.insert(passkey)), { passkey_auth_enabled: true }],
      ['it goes', () => asSystem(ctx, (tx) => tx.passkeys.remove(passkey.id)), { passkey_auth_enabled: false }],
      [
        'an identity comes',
        () => asSystem(ctx, (tx) => tx.identities.insert(identity)),
        { oauth_providers: [{ id: 'github', account_id: '1', email: 'a@b.example' }] },
      ],
      [
        'its address changes',
        () => asSystem(ctx, (tx) => tx.identities.update(identity.id, { email: 'c@d.example' }, now)),
        { oauth_providers: [{ id: 'github', account_id: '1', email: 'c@d.example' }] },
      ],
      ['it goes', () => asSystem(ctx, (tx) => tx.identities.remove(identity.id)), { oauth_providers: [] }],
      [
        'the address is proven',
        async () => {
          const [own] = await store.read.emails.listOf(user_id);
          await asSystem(ctx, (tx) => tx.emails.markVerified(own!.id, own!.normal, 'link', now));
        },
        { primary_email_verified: true, primary_email: email },
      ],
      [
        'metadata change',
        () =>
          asSystem(ctx, (tx) =>
            tx.users.update(user_id, { metadataReadonly: readMetadata('metadataReadonly', { plan: 'x' }) }, now),
          ),
        { client_read_only_metadata: { plan: 'x' } },
      ],
    ];
    await shown();
    for (const [what, change, after] of steps) {
      await change();
      expect(await shown(), what).toMatchObject(after);
    }
    expect(await shown()).toMatchObject({ requires_totp_mfa: false });
    await project.request('PATCH /users/me', { token, body: { totp_secret_base64: secret } });
    expect(await shown()).toMatchObject({ requires_totp_mfa: true });
  });

  it('follows the selected team and the rules of the project', async () => {
    const project = await stage.project({ 'teams.allowClientTeamCreation': true });
    const { access_token: token } = await project.signUp();
    const shown = async () => (await project.request('GET /users/me', { token })).body;
    const team = await project.request('POST /teams', { token, body: { display_name: 'A', creator_user_id: 'me' } });
    const { id } = team.body;
    await project.request('PATCH /users/me', { token, body: { selected_team_id: id } });
    expect((await shown()).selected_team.display_name).toBe('A');
    const body = { display_name: 'B', client_metadata: { a: 1 } };
    await project.request(`PATCH /teams/${id}`, { access: 'server', body });
    expect((await shown()).selected_team).toMatchObject(body);
    await project.request(`DELETE /teams/${id}`, { access: 'server' });
    expect(await shown()).toMatchObject({ selected_team_id: null, selected_team: null });

    expect((await shown()).is_restricted).toBe(false);
    await project.configure({ 'onboarding.requireEmailVerification': true });
    expect(await shown()).toMatchObject({ is_restricted: true, restricted_reason: { type: 'email_not_verified' } });
  });
});
