import { decodeJwt } from 'jose';
import { expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnOneEngine, type SignedIn } from '../../kit/hexclave.ts';
import { challenge, oauthSite, page } from '../../kit/hexclave-oauth.ts';

hexclaveOnOneEngine('cross-domain hand-off (spec §3.7)', {}, (stage) => {
  const ask = (project: HexclaveProject, { access_token: token, refresh_token }: SignedIn, change = {}) =>
    project.request('POST /auth/oauth/cross-domain/authorize', {
      token,
      refreshToken: refresh_token,
      body: { redirect_uri: page, state: 's t', code_challenge: challenge, ...change },
    });
  const codeIn = (reply: { body: { redirect_url: string } }) =>
    new URL(reply.body.redirect_url).searchParams.get('code')!;

  it('gives the other site a code, and with it the same session', async () => {
    const project = await stage.project();
    const site = oauthSite(project);
    const member = await project.signUp();
    const after = 'http://localhost:4000/in';
    const reply = await ask(project, member, { after_callback_redirect_url: after, code_challenge_method: 'S256' });
    expect([reply.status, Object.keys(reply.body)]).toEqual([200, ['redirect_url']]);
    const url = new URL(reply.body.redirect_url);
    expect(url.origin + url.pathname).toBe(page);
    expect(url.searchParams.get('state')).toBe('s t');
    const tokens = await site.exchange(codeIn(reply));
    expect(tokens.status).toBe(200);
    expect(tokens.body).toMatchObject({
      refresh_token: member.refresh_token,
      is_new_user: false,
      after_callback_redirect_url: after,
    });
    expect(decodeJwt(tokens.body.access_token).refresh_token_id).toBe(decodeJwt(member.access_token).refresh_token_id);
  });

  it('ends the session when its code is shown again (RFC 6749 §4.1.2)', async () => {
    const project = await stage.project();
    const site = oauthSite(project);
    const member = await project.signUp();
    const code = codeIn(await ask(project, member));
    const { body } = await site.exchange(code);
    expect((await site.refresh(body.refresh_token)).status).toBe(200);
    const again = await site.exchange(code);
    expect([again.status, again.body.code]).toEqual([400, 'INVALID_AUTHORIZATION_CODE']);
    for (const token of [body.refresh_token, member.refresh_token]) {
      expect((await site.refresh(token)).status).toBe(401);
    }
  });

  it('is bound to the verifier, the page and the project', async () => {
    const project = await stage.project();
    const other = await stage.project();
    const site = oauthSite(project);
    const member = await project.signUp();
    const first = codeIn(await ask(project, member));
    const elsewhere = await site.exchange(first, { redirect_uri: `${page}/other` });
    expect([elsewhere.status, elsewhere.text]).toEqual([400, expect.stringContaining('Invalid redirect URI')]);
    expect((await site.exchange(first, { client_id: other.id })).body.code).toBe('INVALID_AUTHORIZATION_CODE');
    expect((await site.exchange(first, { code_verifier: 'x'.repeat(43) })).body.code).toBe(
      'INVALID_AUTHORIZATION_CODE',
    );
    expect((await site.exchange(first)).body.code).toBe('INVALID_AUTHORIZATION_CODE');
    const late = codeIn(await ask(project, member));
    stage.world.clock.advance(60_000);
    expect((await site.exchange(late)).body.code).toBe('INVALID_AUTHORIZATION_CODE');
  });

  it('is worth nothing once the session is over', async () => {
    const project = await stage.project();
    const member = await project.signUp();
    const code = codeIn(await ask(project, member));
    await project.request('DELETE /auth/sessions/current', { token: member.access_token });
    expect((await oauthSite(project).exchange(code)).body.code).toBe('INVALID_AUTHORIZATION_CODE');
  });

  it('trusts the pages of the project only', async () => {
    const project = await stage.project();
    const member = await project.signUp();
    for (const change of [
      { redirect_uri: 'https://evil.example/x' },
      { redirect_uri: 'javascript:alert(1)' },
      { after_callback_redirect_url: 'https://evil.example/x' },
    ]) {
      const reply = await ask(project, member, change);
      expect([reply.status, reply.body.code]).toEqual([400, 'REDIRECT_URL_NOT_WHITELISTED']);
    }
    expect((await ask(project, member, { redirect_uri: 'stack-auth-mobile-oauth-url://ok' })).status).toBe(200);
  });

  it('needs a person and the refresh token of this very session', async () => {
    const project = await stage.project();
    const member = await project.signUp();
    const other = await project.signUp();
    const post = (more: { token?: string; refreshToken?: string }) =>
      project.request('POST /auth/oauth/cross-domain/authorize', {
        ...more,
        body: { redirect_uri: page, state: 's', code_challenge: challenge },
      });
    for (const more of [{}, { refreshToken: member.refresh_token }]) {
      const reply = await post(more);
      expect([reply.status, reply.body.code]).toEqual([401, 'USER_AUTHENTICATION_REQUIRED']);
    }
    const token = member.access_token;
    const words = async (refreshToken?: string) => {
      const { status, text } = await post({ token, ...(refreshToken && { refreshToken }) });
      return [status, text];
    };
    const start = 'Cross-domain auth handoff';
    expect(await words()).toEqual([400, `${start} requires passing the current refresh token.`]);
    for (const wrong of [other.refresh_token, 'rubbish']) {
      expect(await words(wrong)).toEqual([401, `${start} refresh token does not match the authenticated session.`]);
    }
  });

  it('says what is malformed', async () => {
    const project = await stage.project();
    const member = await project.signUp();
    for (const [change, words] of [
      [{ code_challenge: 'short' }, 'body.code_challenge must match the following'],
      [{ code_challenge_method: 'plain' }, 'must be one of the following values: S256'],
      [{ state: '' }, 'body.state must not be empty'],
      [{ state: 'x'.repeat(513) }, 'body.state must be at most 512 characters'],
      [{ redirect_uri: 'nowhere' }, 'body.redirect_uri is not a valid URL'],
      [{ more: 1 }, 'body contains unknown properties: more'],
    ] as const) {
      const reply = await ask(project, member, change);
      expect([reply.body.code, reply.body.error]).toEqual(['SCHEMA_ERROR', expect.stringContaining(words)]);
    }
  });
});
