import { decodeJwt } from 'jose';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeOAuth } from '../../kit/fake-oauth.ts';
import { type HexclaveProject, hexclaveOnOneEngine } from '../../kit/hexclave.ts';
import { comesAs, oauthSite, ownProvider, sharedProvider } from '../../kit/hexclave-oauth.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());

hexclaveOnOneEngine('connected accounts (spec §2.7, §4.2)', { providers: [fake.config()] }, (stage) => {
  beforeEach(() => fake.reset());
  const open = async (provider = ownProvider('github')) => {
    const project = await stage.project(provider);
    return { project, site: oauthSite(project) };
  };
  const tokenOf = (project: HexclaveProject, token: string, body: object = {}, path = 'me/github') =>
    project.request(`POST /connected-accounts/${path}/access-token`, { token, body });

  describe('linking (spec §3.5 step 5)', () => {
    const link = async (project: HexclaveProject, token: string, change = {}) =>
      oauthSite(project).roundTrip('github', { type: 'link', token, ...change });

    it('gives the signed-in person the account, whatever its address, once the site shows its code', async () => {
      const { project, site } = await open();
      const member = await project.signUp();
      const account = comesAs(fake, stage.address());
      const end = await link(project, member.access_token);
      const listed = async () =>
        (await project.request('GET /connected-accounts/me', { token: member.access_token })).body;
      // Whoever came back from the provider may not be the one who asked.
      expect((await listed()).items).toEqual([]);
      const reply = await site.exchange(end.searchParams.get('code')!);
      expect(reply.body).toMatchObject({ is_new_user: false });
      expect(decodeJwt(reply.body.access_token).sub).toBe(member.user_id);
      expect(await listed()).toEqual({
        items: [{ user_id: member.user_id, provider: 'github', provider_account_id: account }],
        is_paginated: false,
      });
      expect(decodeJwt((await site.signIn()).body.access_token).sub).toBe(member.user_id);
    });

    it('refuses an account of somebody else, and refreshes the tokens of one’s own', async () => {
      const { project, site } = await open();
      comesAs(fake, stage.address());
      const owner = (await site.signIn()).body.access_token;
      const { access_token: token } = await project.signUp();
      const end = await link(project, token);
      expect(end.searchParams.get('errorCode')).toBe('OAUTH_CONNECTION_ALREADY_CONNECTED_TO_ANOTHER_USER');
      fake.answers.token = { body: { access_token: 'gho_2', token_type: 'bearer', scope: 'repo' } };
      const again = await link(project, owner, { provider_scope: 'repo' });
      expect((await site.exchange(again.searchParams.get('code')!)).status).toBe(200);
      expect((await tokenOf(project, owner, { scope: 'repo' })).body).toEqual({ access_token: 'gho_2' });
      expect((await project.request('GET /connected-accounts/me', { token: owner })).body.items).toHaveLength(1);
    });

    it('is over when the session that asked is over', async () => {
      const { project, site } = await open();
      const { access_token: token, user_id } = await project.signUp();
      comesAs(fake, stage.address());
      const before = await site.authorize('github', { type: 'link', token, hexclave_response_mode: 'json' });
      const end = await link(project, token);
      await project.request('DELETE /auth/sessions/current', { token });
      const late = await site.exchange(end.searchParams.get('code')!);
      expect(late.status).toBe(401);
      const state = new URL(before.body.location).searchParams.get('state')!;
      const back = await site.callback('github', { code: 'x', state });
      expect(new URL(back.headers.get('location')!).searchParams.get('errorCode')).toBe('USER_AUTHENTICATION_REQUIRED');
      const listed = await project.request(`GET /connected-accounts/${user_id}`, { access: 'server' });
      expect(listed.body.items).toEqual([]);
    });

    it('connects a second account of a provider without letting it sign in', async () => {
      const { project, site } = await open();
      comesAs(fake, stage.address());
      const { access_token: token } = (await site.signIn()).body;
      comesAs(fake, stage.address());
      await site.exchange((await link(project, token)).searchParams.get('code')!);
      const { items } = (await project.request('GET /oauth-providers?user_id=me', { token })).body;
      expect(items.map((item: { allow_sign_in: boolean }) => item.allow_sign_in)).toEqual([true, false]);
      expect((await site.signIn()).body.is_new_user).toBe(true);
    });
  });

  describe('access token', () => {
    it('is given with the scopes asked for, by account where there are several', async () => {
      const { project, site } = await open();
      const account = comesAs(fake, stage.address());
      const { access_token: token } = (await site.signIn()).body;
      const reply = await tokenOf(project, token, { scope: 'read:user user:email' });
      expect([reply.status, reply.body]).toEqual([201, { access_token: 'gho_1' }]);
      expect((await tokenOf(project, token, {}, `me/github/${account}`)).body).toEqual({ access_token: 'gho_1' });
      const missing = await tokenOf(project, token, { scope: 'repo' });
      expect([missing.status, missing.body.code]).toEqual([400, 'OAUTH_CONNECTION_DOES_NOT_HAVE_REQUIRED_SCOPE']);
      const other = await tokenOf(project, token, {}, 'me/github/another');
      expect([other.status, other.body.code]).toEqual([400, 'OAUTH_CONNECTION_NOT_CONNECTED_TO_USER']);
      const byServer = await project.request(`POST /connected-accounts/${decodeJwt(token).sub}/github/access-token`, {
        access: 'server',
        body: {},
      });
      expect(byServer.status).toBe(201);
    });

    it('takes the scopes that were asked for where the provider names none (RFC 6749 §5.1)', async () => {
      const { project, site } = await open();
      fake.answers.token = { body: { access_token: 'gho_3', token_type: 'bearer' } };
      comesAs(fake, stage.address());
      const { access_token: token } = (await site.signIn('github', { provider_scope: 'repo' })).body;
      expect((await tokenOf(project, token, { scope: 'repo user:email' })).body).toEqual({ access_token: 'gho_3' });
    });

    it('is not given of accounts that are not connected, nor to others', async () => {
      const { project, site } = await open();
      comesAs(fake, stage.address());
      const owner = (await site.signIn()).body.access_token;
      const { access_token: token } = await project.signUp();
      const none = await tokenOf(project, token);
      expect([none.status, none.body.code]).toEqual([400, 'OAUTH_CONNECTION_NOT_CONNECTED_TO_USER']);
      const foreign = await tokenOf(project, token, {}, `${decodeJwt(owner).sub}/github`);
      expect([foreign.status, foreign.text]).toEqual([403, 'Client can only access its own connected accounts']);
      const unknown = await tokenOf(project, owner, {}, 'me/gitlab');
      expect([unknown.status, unknown.body.code]).toEqual([400, 'OAUTH_PROVIDER_NOT_FOUND_OR_NOT_ENABLED']);
      const [item] = (await project.request('GET /oauth-providers?user_id=me', { token: owner })).body.items;
      const off = { token: owner, body: { allow_connected_accounts: false } };
      await project.request(`PATCH /oauth-providers/me/${item.id}`, off);
      expect((await tokenOf(project, owner)).body.code).toBe('OAUTH_CONNECTION_NOT_CONNECTED_TO_USER');
    });

    it('is not given for a client that the operator lends', async () => {
      const { project, site } = await open(sharedProvider('github'));
      comesAs(fake, stage.address());
      const { access_token: token } = (await site.signIn()).body;
      const reply = await tokenOf(project, token);
      expect([reply.status, reply.body.code]).toEqual([400, 'OAUTH_ACCESS_TOKEN_NOT_AVAILABLE_WITH_SHARED_OAUTH_KEYS']);
    });

    it('is refreshed when it is over; when that fails there is none', async () => {
      const { project, site } = await open();
      fake.answers.token = {
        body: { access_token: 'old', refresh_token: 'r1', expires_in: 60, token_type: 'bearer', scope: 'repo' },
      };
      comesAs(fake, stage.address());
      const first = await site.signIn();
      stage.world.clock.advance(60_000);
      fake.answers.token = { body: { access_token: 'new', expires_in: 60, token_type: 'bearer', scope: 'repo' } };
      const { access_token: token } = (await site.refresh(first.body.refresh_token)).body;
      expect((await tokenOf(project, token)).body).toEqual({ access_token: 'new' });
      expect(fake.seen.at(-1)!.form.get('refresh_token')).toBe('r1');
      stage.world.clock.advance(60_000);
      for (const answer of [
        { status: 400, body: { error: 'invalid_grant' } },
        { status: 503, body: 'down' },
      ]) {
        fake.answers.token = answer;
        const reply = await tokenOf(project, token);
        expect([reply.status, reply.body.code]).toEqual([400, 'OAUTH_ACCESS_TOKEN_NOT_AVAILABLE']);
        expect(reply.body.details).toEqual({ provider: 'github', details: expect.any(String) });
      }
    });

    it('that was revoked is refreshed; with nothing to refresh it, people are sent to the provider again', async () => {
      const { project, site } = await open();
      comesAs(fake, stage.address());
      const refreshing = { access_token: 'gho_1', refresh_token: 'ghr_1', token_type: 'bearer' };
      fake.answers.token = { body: refreshing };
      const { access_token: token } = (await site.signIn()).body;
      const { user } = fake.answers;
      for (const status of [503, 403]) {
        fake.answers.user = { status, body: {} };
        expect((await tokenOf(project, token)).body).toEqual({ access_token: 'gho_1' });
      }
      fake.answers.user = { status: 401, body: { message: 'Bad credentials' } };
      fake.answers.token = { body: { access_token: 'gho_2', token_type: 'bearer' } };
      expect((await tokenOf(project, token)).body).toEqual({ access_token: 'gho_2' });
      fake.answers.token = { status: 400, body: { error: 'invalid_grant' } };
      expect((await tokenOf(project, token)).body.code).toBe('OAUTH_CONNECTION_DOES_NOT_HAVE_REQUIRED_SCOPE');
      fake.answers.user = user;
      expect((await tokenOf(project, token)).body).toEqual({ access_token: 'gho_2' });
    });

    it('that is over, with nothing to refresh it, is not given', async () => {
      const { project, site } = await open();
      fake.answers.token = { body: { access_token: 'old', expires_in: 60, token_type: 'bearer' } };
      comesAs(fake, stage.address());
      const { access_token: token } = (await site.signIn()).body;
      stage.world.clock.advance(60_000);
      expect((await tokenOf(project, token)).body.code).toBe('OAUTH_ACCESS_TOKEN_NOT_AVAILABLE');
    });
  });

  it('lists one’s own, to clients', async () => {
    const { project } = await open();
    const { access_token: token } = await project.signUp();
    const other = await project.signUp();
    const foreign = await project.request(`GET /connected-accounts/${other.user_id}`, { token });
    expect([foreign.status, foreign.text]).toEqual([
      403,
      'Client can only list connected accounts for their own user.',
    ]);
    const malformed = await project.request('GET /connected-accounts/nobody', { token });
    expect(malformed.body.error).toContain('  - params.user_id must be a valid UUID');
    expect((await project.request('GET /connected-accounts/me')).body.code).toBe('CANNOT_GET_OWN_USER_WITHOUT_USER');
  });
});
