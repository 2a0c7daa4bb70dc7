import { expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnOneEngine, password } from '../../kit/hexclave.ts';

const rule = (id: string, members: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    Object.entries({ enabled: true, ...members }).map(([name, value]) => [`auth.signUpRules.${id}.${name}`, value]),
  );

hexclaveOnOneEngine('auth/sign-up-rules (spec §3.1, §6)', {}, (stage) => {
  const signUp = (project: HexclaveProject, email = stage.address(), token?: string) =>
    project.request('POST /auth/password/sign-up', {
      body: { email, password },
      ...(token !== undefined && { token }),
    });

  it('turn people away in words that tell nothing of the rule', async () => {
    const project = await stage.project(
      rule('no-rivals', {
        condition: 'emailDomain == "rival.example"',
        'action.type': 'reject',
        'action.message': 'x',
      }),
    );
    const refused = await signUp(project, 'ada@RIVAL.example');
    expect([refused.status, refused.body]).toEqual([
      403,
      {
        code: 'SIGN_UP_REJECTED',
        details: { message: "Your sign up was rejected by an administrator's sign-up rule." },
        error: "Your sign up was rejected by an administrator's sign-up rule.",
      },
    ]);
    expect((await signUp(project)).status).toBe(200);
  });

  it('are asked by priority; those that are off or broken apply to nobody', async () => {
    const project = await stage.project({
      'auth.signUpRulesDefaultAction': 'reject',
      ...rule('broken', { priority: 9, condition: 'email ==', 'action.type': 'allow' }),
      ...rule('off', { enabled: false, priority: 8, 'action.type': 'allow' }),
      ...rule('friends', { priority: 1, condition: 'email.endsWith("@friend.example")', 'action.type': 'allow' }),
      ...rule('everybody', { condition: 'authMethod == "password"', 'action.type': 'reject' }),
    });
    expect((await signUp(project, 'a@friend.example')).status).toBe(200);
    expect((await signUp(project, 'a@other.example')).body.code).toBe('SIGN_UP_REJECTED');
  });

  it('restrict people, who then are let in only where restricted ones are', async () => {
    const project = await stage.project(rule('watch', { 'action.type': 'restrict' }));
    const { body } = await signUp(project);
    const me = await project.request('GET /users/me', { token: body.access_token });
    expect(me.body).toMatchObject({
      is_restricted: true,
      restricted_reason: { type: 'restricted_by_administrator' },
      restricted_by_admin: true,
    });
    const shut = await project.request('GET /users/me', {
      token: body.access_token,
      headers: { 'x-stack-allow-anonymous-user': 'false' },
    });
    expect([shut.status, shut.body.code, shut.body.details]).toEqual([
      403,
      'RESTRICTED_USER_NOT_ALLOWED',
      { restricted_reason: { type: 'restricted_by_administrator' } },
    ]);
    await project.configure({ 'onboarding.requireEmailVerification': true });
    const both = await project.request('GET /users/me', { token: body.access_token });
    expect(both.body.restricted_reason).toEqual({ type: 'email_not_verified' });
  });

  it('do not ask anonymous people until they say who they are', async () => {
    const project = await stage.project({ 'auth.signUpRulesDefaultAction': 'reject' });
    const guest = await project.request('POST /auth/anonymous/sign-up');
    expect(guest.status).toBe(200);
    expect((await signUp(project, undefined, guest.body.access_token)).body.code).toBe('SIGN_UP_REJECTED');
    const made = await project.request('POST /users', {
      access: 'server',
      body: { primary_email: stage.address(), primary_email_auth_enabled: true },
    });
    expect(made.status).toBe(201);
  });
});
