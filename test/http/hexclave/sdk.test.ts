import { StackClientApp, StackServerApp } from '@stackframe/js';
import { expect, it } from 'vitest';
import { type HexclaveProject, onEveryHexclave } from '../../kit/hexclave.ts';

/** The official client as an application uses it, with nothing changed but where it points. */
onEveryHexclave('@stackframe/js', { startIso: new Date().toISOString() }, (stage) => {
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
});
