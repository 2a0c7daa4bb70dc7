import { decodeJwt } from 'jose';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { asSystem } from '../../src/core/acting.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { type HexclaveProject, hexclaveOnEveryEngine } from '../kit/hexclave.ts';
import {
  comesAs,
  cookieOf,
  oauthSite,
  ownProvider,
  page,
  sharedProvider,
  stateOf,
  verifier,
} from '../kit/hexclave-oauth.ts';

const fake = await startFakeOAuth();
afterAll(() => fake.close());
const providers = [
  fake.config(),
  fake.config({ key: 'untrusted', type: 'discord', trusted: false }),
  fake.config({ key: 'spotify', type: 'spotify' }),
];

hexclaveOnEveryEngine('Hexclave OAuth', { providers }, (stage) => {
  beforeEach(() => fake.reset());
  const open = async (config = {}) => {
    const project = await stage.project({ ...sharedProvider('github'), ...config });
    return { project, site: oauthSite(project) };
  };
  const peopleOf = async (project: HexclaveProject): Promise<unknown[]> =>
    (await project.request('GET /users', { access: 'server' })).body.items;
  const back = async (site: ReturnType<typeof oauthSite>, provider = 'github') => {
    const away = await site.authorize(provider);
    return site.callback(provider, { code: 'x', state: stateOf(away) }, cookieOf(away));
  };
  const rejected = (reply: { status: number; body: { code: string } }) =>
    expect([reply.status, reply.body.code]).toEqual([400, 'INVALID_AUTHORIZATION_CODE']);

  describe('rules 1 and 5: whoever the provider does not name is nobody', () => {
    test.each([undefined, null, '', ' ', {}, [], true])('a subject that is %o', async (id) => {
      const { project, site } = await open();
      fake.answers.user = { body: { id, login: 'octo' } };
      expect((await back(site)).status).toBe(400);
      expect(await peopleOf(project)).toEqual([]);
    });

    test.each([
      ['an error inside', { error: 'no' }],
      ['a list', []],
      ['HTML', '<html>'],
      ['nothing', ''],
    ])('a profile that is %s', async (_what, body) => {
      const { project, site } = await open();
      fake.answers.user = { body };
      expect((await back(site)).status).toBe(400);
      expect(await peopleOf(project)).toEqual([]);
    });

    test('a subject of another provider, or in another project, opens nothing', async () => {
      const { project, site } = await open(sharedProvider('spotify'));
      comesAs(fake, stage.address(), true, 'same');
      const { body } = await site.signIn();
      const { site: elsewhere } = await open();
      comesAs(fake, stage.address(), true, 'same');
      expect((await elsewhere.signIn()).body.is_new_user).toBe(true);
      fake.answers.user = { body: { id: 'same', email: stage.address(), display_name: 'S' } };
      const other = await site.signIn('spotify');
      expect(other.body.is_new_user).toBe(true);
      expect(decodeJwt(other.body.access_token).sub).not.toBe(decodeJwt(body.access_token).sub);
      expect(await peopleOf(project)).toHaveLength(2);
    });
  });

  test('rule 2: a provider whose word the operator does not trust merges nobody', async () => {
    const { project, site } = await open(sharedProvider('discord'));
    const email = stage.address();
    await project.request('POST /users', {
      access: 'server',
      body: { primary_email: email, primary_email_verified: true, primary_email_auth_enabled: true },
    });
    fake.answers.user = { body: { id: 'd1', email, verified: true, username: 'd' } };
    const end = await site.roundTrip('discord');
    expect(end.searchParams.get('errorCode')).toBe('CONTACT_CHANNEL_ALREADY_USED_FOR_AUTH_BY_SOMEONE_ELSE');
  });

  describe('rule 6: once means once', () => {
    test('of many exchanges at once one wins', async () => {
      const { site } = await open();
      comesAs(fake, stage.address());
      const code = (await site.roundTrip('github')).searchParams.get('code')!;
      const replies = await Promise.all(Array.from({ length: 20 }, () => site.exchange(code)));
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const reply of replies) if (reply.status !== 200) rejected(reply);
    });

    test('of many browsers with one state one comes through', async () => {
      const { project, site } = await open();
      comesAs(fake, stage.address());
      const away = await site.authorize('github');
      const query = { code: 'x', state: stateOf(away) };
      const replies = await Promise.all(
        Array.from({ length: 20 }, () => site.callback('github', query, cookieOf(away))),
      );
      expect(replies.filter(({ status }) => status === 303)).toHaveLength(1);
      expect(await peopleOf(project)).toHaveLength(1);
    });

    test('a value for one purpose is nothing for another', async () => {
      const { project, site } = await open();
      comesAs(fake, stage.address());
      const code = (await site.roundTrip('github')).searchParams.get('code')!;
      const state = stateOf(await site.authorize('github'));
      for (const value of [state, state.split('.')[0]!]) rejected(await site.exchange(value));
      expect((await site.callback('github', { code: 'x', state: `${code}.${project.id}` })).status).toBe(400);
      expect((await site.refresh(code)).status).toBe(401);
      const shared = await stage.world.browser().post('/one-time-token/verify', { token: code });
      expect(shared.status).not.toBe(200);
      expect((await site.exchange(code)).status).toBe(200);
    });
  });

  describe('rule 7: a state belongs to one browser, provider, project and purpose', () => {
    test('a state seen in another browser is spent there', async () => {
      const { site } = await open();
      const away = await site.authorize('github');
      const query = { code: 'x', state: stateOf(away) };
      expect((await site.callback('github', query)).status).toBe(400);
      expect((await site.callback('github', query, cookieOf(away))).text).toMatch(/^Invalid OAuth state/);
    });

    test('a flow of another surface does not end here', async () => {
      const { site } = await open();
      const browser = stage.world.browser();
      const started = await browser.post('/sign-in/social', { provider: 'github' });
      const state = new URL(started.body.url).searchParams.get('state')!;
      const main = stage.world.app.mainProject.project.id;
      const cookie = `stack-oauth-inner-${state}.${main}=true`;
      const reply = await site.callback('github', { code: 'x', state: `${state}.${main}` }, cookie);
      expect([reply.status, reply.headers.get('location')]).toEqual([400, null]);
    });

    test('a stranger’s link, finished in somebody’s browser, links nothing', async () => {
      const { project, site } = await open();
      const stranger = await project.signUp();
      const link = { type: 'link', token: stranger.access_token };
      comesAs(fake, stage.address());
      // The stranger made the address; the victim's browser went to the provider and came back with a code.
      for (const mode of ['redirect', 'json']) {
        const away = await site.authorize('github', { ...link, hexclave_response_mode: mode });
        const reply = await site.callback('github', { code: 'x', state: stateOf(away) }, cookieOf(away));
        const code = new URL(reply.headers.get('location')!).searchParams.get('code')!;
        // The victim's site has another verifier, and the stranger has no code.
        rejected(await site.exchange(code, { code_verifier: 'the-verifier-of-the-site-in-this-other-browser' }));
      }
      const { items } = (await project.request('GET /oauth-providers?user_id=me', { token: stranger.access_token }))
        .body;
      expect(items).toEqual([]);
      // And the victim's account is still free to sign up with.
      expect((await site.signIn()).body.is_new_user).toBe(true);
    });
  });

  describe('rules 8, 9 and 20: codes are compared whole, with all that they are bound to', () => {
    test('parts and other spellings of a code are nothing', async () => {
      const { site } = await open();
      comesAs(fake, stage.address());
      const code = (await site.roundTrip('github')).searchParams.get('code')!;
      for (const value of [code.slice(0, 44), `${code}0`, code.toUpperCase(), ` ${code}`, `${code}\u0000`]) {
        expect((await site.exchange(value)).status).toBe(400);
      }
      expect((await site.exchange(code)).status).toBe(200);
    });

    test('a challenge is not its own verifier', async () => {
      const { site } = await open();
      comesAs(fake, stage.address());
      const away = await site.roundTrip('github', { code_challenge: verifier, code_challenge_method: 'S256' });
      rejected(await site.exchange(away.searchParams.get('code')!));
    });

    test('spellings of one redirect URI are different ones', async () => {
      const { site } = await open();
      comesAs(fake, stage.address());
      const code = (await site.roundTrip('github')).searchParams.get('code')!;
      for (const redirect_uri of [
        page.toUpperCase(),
        page.replace('localhost', '127.0.0.1'),
        `${page}%2F`,
        `${page}?`,
      ]) {
        expect((await site.exchange(code, { redirect_uri })).text).toMatch(/^Invalid redirect URI/);
      }
    });
  });

  describe('rules 11, 12 and 18: what happened meanwhile counts', () => {
    const withCode = async () => {
      const { project, site } = await open();
      comesAs(fake, stage.address());
      const { body } = await site.signIn();
      const code = (await site.roundTrip('github')).searchParams.get('code')!;
      return { project, site, id: decodeJwt(body.access_token).sub!, code, token: body.access_token };
    };

    test('a banned person gets no tokens for a code, and is not told why', async () => {
      const { project, site, id, code } = await withCode();
      const ctx = (await stage.world.app.projects.find(project.id))!.context('hexclave');
      const now = ctx.clock.now();
      await asSystem(ctx, (tx) => tx.users.update(id, { bannedAt: now, banReason: 'spam' }, now));
      rejected(await site.exchange(code));
      expect(await ctx.store.read.sessions.listOf(id, now)).toHaveLength(1);
    });

    test('a deleted person gets none', async () => {
      const { project, site, id, code } = await withCode();
      await project.request(`DELETE /users/${id}`, { access: 'server' });
      rejected(await site.exchange(code));
    });

    test('a password that is set by the server ends codes that are on their way', async () => {
      const { project, site, id, code } = await withCode();
      await project.request(`PATCH /users/${id}`, { access: 'server', body: { password: 'another password' } });
      rejected(await site.exchange(code));
    });
  });

  describe('rule 22: a project chooses no address that the server calls', () => {
    test('endpoints and issuers are no part of the configuration', async () => {
      const { project } = await open();
      for (const field of ['issuer', 'tokenEndpoint', 'settings.tokenEndpoint', 'userinfoEndpoint']) {
        const reply = await project.request('PATCH /internal/config/override/environment', {
          access: 'admin',
          body: {
            config_override_string: JSON.stringify({
              [`auth.oauth.providers.github.${field}`]: 'http://169.254.169.254/',
            }),
          },
        });
        expect([field, reply.status]).toEqual([field, 400]);
      }
    });

    test.each(['../../evil', 'a@evil.example', 'evil.example/x?', '//evil.example'])(
      'a tenant that is %s',
      async (tenant) => {
        const { site } = await open({
          ...ownProvider('microsoft'),
          'auth.oauth.providers.microsoft.microsoftTenantId': tenant,
        });
        const url = new URL((await site.authorize('microsoft')).headers.get('location')!);
        expect(url.host).toBe('login.microsoftonline.com');
        expect(url.pathname.split('/')).toHaveLength(5);
      },
    );
  });

  test('rule 31: codes, refresh tokens and accounts of one project are nothing in another', async () => {
    const { project, site } = await open(ownProvider('github'));
    const { project: other, site: elsewhere } = await open(ownProvider('github'));
    comesAs(fake, stage.address());
    const code = (await site.roundTrip('github')).searchParams.get('code')!;
    rejected(await elsewhere.exchange(code));
    const { body } = await site.exchange(code);
    expect((await elsewhere.refresh(body.refresh_token)).status).toBe(401);
    const token = body.access_token;
    const [item] = (await project.request('GET /oauth-providers?user_id=me', { token })).body.items;
    const path = `${item.user_id}/${item.id}`;
    for (const method of ['GET', 'DELETE'] as const) {
      expect((await other.request(`${method} /oauth-providers/${path}`, { access: 'server' })).status).toBe(404);
    }
    const patch = { access: 'server', body: { allow_sign_in: false } } as const;
    expect((await other.request(`PATCH /oauth-providers/${path}`, patch)).status).toBe(404);
    const accessToken = `POST /connected-accounts/${item.user_id}/github/access-token` as const;
    expect((await other.request(accessToken, { access: 'server', body: {} })).body.code).toBe('USER_NOT_FOUND');
    expect((await project.request(`GET /oauth-providers/${path}`, { token })).status).toBe(200);
  });
});
