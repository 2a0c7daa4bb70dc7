import { StackAdminApp, StackClientApp, StackServerApp } from '@stackframe/js';
import { expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnOneEngine } from '../../kit/hexclave.ts';

/** The official client as an application uses it, with nothing changed but where it points. */
hexclaveOnOneEngine('@stackframe/js', { startIso: new Date().toISOString() }, (stage) => {
  const at = () => stage.url.replace('/api/v1', '');
  const clientOf = (project: HexclaveProject) =>
    new StackClientApp({
      baseUrl: at(),
      projectId: project.id,
      publishableClientKey: project.keys.publishable,
      tokenStore: 'memory',
      redirectMethod: 'none',
    });
  const serverOf = (project: HexclaveProject) =>
    new StackServerApp({
      baseUrl: at(),
      projectId: project.id,
      publishableClientKey: project.keys.publishable,
      secretServerKey: project.keys.server,
      tokenStore: 'memory',
      redirectMethod: 'none',
    });

  const adminOf = (project: HexclaveProject) =>
    new StackAdminApp({
      baseUrl: at(),
      projectId: project.id,
      publishableClientKey: project.keys.publishable,
      secretServerKey: project.keys.server,
      superSecretAdminKey: project.keys.admin,
      tokenStore: 'memory',
      redirectMethod: 'none',
    });

  it('signs up, in and out', async () => {
    const project = await stage.project();
    const app = clientOf(project);
    const email = stage.address();
    const result = await app.signUpWithCredential({
      email,
      password: 'correct horse',
      noRedirect: true,
      noVerificationCallback: true,
    });
    expect(result).toMatchObject({ status: 'ok' });
    const user = await app.getUser();
    expect(user).toMatchObject({ primaryEmail: email, primaryEmailVerified: false, hasPassword: true });
    await user!.signOut();
    expect(await app.getUser()).toBeNull();
    const wrong = await app.signInWithCredential({ email, password: 'something else', noRedirect: true });
    expect(wrong).toMatchObject({ status: 'error', error: { errorCode: 'EMAIL_PASSWORD_MISMATCH' } });
    await app.signInWithCredential({ email, password: 'correct horse', noRedirect: true });
    expect((await app.getUser())?.primaryEmail).toBe(email);
  });

  it('learns what the project allows', async () => {
    const project = await stage.project({ 'auth.otp.allowSignIn': true });
    const config = (await serverOf(project).getProject()).config;
    expect(config).toMatchObject({ signUpEnabled: true, credentialEnabled: true, magicLinkEnabled: true });
  });

  const everything = {
    'auth.otp.allowSignIn': true,
    'teams.allowClientTeamCreation': true,
    'apiKeys.enabled.user': true,
    'apiKeys.enabled.team': true,
    'users.allowClientUserDeletion': true,
  };
  const callbackUrl = 'http://localhost:3000/handler';
  const password = 'correct horse';
  const signedUp = async (project: HexclaveProject) => {
    const app = clientOf(project);
    const email = stage.address();
    await app.signUpWithCredential({ email, password, noRedirect: true, noVerificationCallback: true });
    return { app, email, user: (await app.getUser())! };
  };
  const mailedCode = async (project: HexclaveProject, email: string) => {
    const [mail] = await project.mails(email);
    return new URL(mail!.links[0]!).searchParams.get('code')!;
  };

  it('signs in by a mailed link, resets a password and verifies an address', async () => {
    const project = await stage.project(everything);
    const app = clientOf(project);
    const email = stage.address();
    expect(await app.sendMagicLinkEmail(email, { callbackUrl })).toMatchObject({ status: 'ok' });
    const entered = await app.signInWithMagicLink(await mailedCode(project, email), { noRedirect: true });
    expect(entered).toMatchObject({ status: 'ok' });
    const user = (await app.getUser())!;
    expect(user).toMatchObject({ primaryEmail: email, primaryEmailVerified: true, otpAuthEnabled: true });

    await app.sendForgotPasswordEmail(email, { callbackUrl });
    const code = await mailedCode(project, email);
    expect(await app.verifyPasswordResetCode(code)).toMatchObject({ status: 'ok' });
    expect(await app.resetPassword({ code, password })).toMatchObject({ status: 'ok' });
    expect(await app.resetPassword({ code, password })).toMatchObject({
      error: { errorCode: 'VERIFICATION_CODE_ALREADY_USED' },
    });
    const again = await app.signInWithCredential({ email, password, noRedirect: true });
    expect(again).toMatchObject({ status: 'ok' });

    const other = await signedUp(project);
    const [channel] = await other.user.listContactChannels();
    await channel!.sendVerificationEmail({ callbackUrl });
    expect(await other.app.verifyEmail(await mailedCode(project, other.email))).toMatchObject({ status: 'ok' });
    expect((await other.app.getUser())!.primaryEmailVerified).toBe(true);
  });

  it('keeps a person’s profile, password, sessions and keys', async () => {
    const project = await stage.project(everything);
    const { app, user } = await signedUp(project);
    await user.update({ displayName: 'Ada', clientMetadata: { theme: 'dark' } });
    expect(await app.getUser()).toMatchObject({ displayName: 'Ada', clientMetadata: { theme: 'dark' } });
    const wrong = await user.updatePassword({ oldPassword: 'wrong one', newPassword: 'battery staple' });
    expect(wrong).toMatchObject({ errorCode: 'PASSWORD_CONFIRMATION_MISMATCH' });
    expect(await user.updatePassword({ oldPassword: password, newPassword: 'battery staple' })).toBeFalsy();
    const sessions = await user.getActiveSessions();
    expect(sessions).toMatchObject([{ isCurrentSession: true, isImpersonation: false }]);

    const key = await user.createApiKey({ description: 'ci', expiresAt: null });
    expect(key.value).toMatch(/^sk_/);
    const [listed] = await user.listApiKeys();
    expect(listed).toMatchObject({ description: 'ci', value: { lastFour: key.value.slice(-4) } });
    expect(await serverOf(project).getUser({ apiKey: key.value })).toMatchObject({ id: user.id });
    await listed!.revoke();
    expect(await serverOf(project).getUser({ apiKey: key.value })).toBeNull();

    const preferences = await user.listNotificationCategories();
    expect(preferences.map(({ name, enabled }) => [name, enabled])).toEqual([
      ['Transactional', true],
      ['Marketing', true],
    ]);
    await user.delete();
    expect(await serverOf(project).getUser(user.id)).toBeNull();
  });

  it('founds a team, invites people into it and lets them go', async () => {
    const project = await stage.project(everything);
    const { user } = await signedUp(project);
    const guest = await signedUp(project);
    const team = await user.createTeam({ displayName: 'Makers' });
    expect((await user.listTeams()).map(({ displayName }) => displayName)).toEqual(['Makers']);
    expect(await user.hasPermission(team, '$delete_team')).toBe(true);
    await team.inviteUser({ email: guest.email, callbackUrl });
    expect((await team.listInvitations()).map(({ recipientEmail }) => recipientEmail)).toEqual([guest.email]);
    const code = await mailedCode(project, guest.email);
    expect(await guest.app.getTeamInvitationDetails(code)).toMatchObject({ data: { teamDisplayName: 'Makers' } });
    expect(await guest.app.acceptTeamInvitation(code)).toMatchObject({ status: 'ok' });
    expect((await guest.user.listTeams()).map(({ id }) => id)).toEqual([team.id]);
    expect((await team.listUsers()).map(({ id }) => id).sort()).toEqual([user.id, guest.user.id].sort());
    expect(await guest.user.hasPermission(team, '$delete_team')).toBe(false);
    await guest.user.setSelectedTeam(team);
    expect((await guest.app.getUser())!.selectedTeam).toMatchObject({ displayName: 'Makers' });
    await guest.user.leaveTeam(team);
    expect(await guest.user.listTeams()).toEqual([]);
    await team.delete();
    expect(await user.listTeams()).toEqual([]);
  });

  it('as the application’s server makes people and teams, and grants permissions', async () => {
    const project = await stage.project(everything);
    const app = serverOf(project);
    const made = await app.createUser({
      primaryEmail: stage.address(),
      primaryEmailVerified: true,
      primaryEmailAuthEnabled: true,
      password,
      displayName: 'Grace',
      serverMetadata: { plan: 'pro' },
    });
    expect(made).toMatchObject({ displayName: 'Grace', serverMetadata: { plan: 'pro' } });
    expect((await app.listUsers({ query: 'grace' })).map(({ id }) => id)).toEqual([made.id]);
    const team = await app.createTeam({ displayName: 'Ops' });
    await team.addUser(made.id);
    const admin = adminOf(project);
    await admin.createTeamPermissionDefinition({ id: 'deploy', containedPermissionIds: ['$read_members'] });
    await made.grantPermission(team, 'deploy');
    expect(await made.hasPermission(team, 'deploy')).toBe(true);
    await made.revokePermission(team, 'deploy');
    expect(await made.hasPermission(team, 'deploy')).toBe(false);
    const session = await made.createSession({ expiresInMillis: 60_000 });
    expect((await session.getTokens()).refreshToken).toMatch(/^[0-9a-z]{45}$/);
    await team.removeUser(made.id);
    await made.delete();
    expect(await app.getUser(made.id)).toBeNull();
  });

  it('as the administrator’s app configures the project and makes keys', async () => {
    const project = await stage.project();
    const admin = adminOf(project);
    const own = await admin.getProject();
    await own.update({ displayName: 'Renamed', config: { magicLinkEnabled: true } });
    expect(await adminOf(project).getProject()).toMatchObject({
      displayName: 'Renamed',
      config: { magicLinkEnabled: true, credentialEnabled: true },
    });
    const keys = await admin.createInternalApiKey({
      description: 'deploy',
      expiresAt: new Date(stage.world.clock.now() + 86_400_000),
      hasPublishableClientKey: true,
      hasSecretServerKey: true,
      hasSuperSecretAdminKey: false,
    });
    expect(keys.secretServerKey).toMatch(/^ssk_/);
    expect((await admin.listInternalApiKeys()).map(({ description }) => description)).toContain('deploy');
    await admin.createProjectPermissionDefinition({ id: 'beta', containedPermissionIds: [] });
    expect((await admin.listProjectPermissionDefinitions()).map(({ id }) => id)).toContain('beta');
  });
});
