import { expect, test } from 'vitest';
import { asSystem } from '../../src/core/acting.ts';
import { systemActor } from '../../src/core/actor.ts';
import { totpCode, totpStep } from '../../src/core/factors/totp.ts';
import { banUser } from '../../src/core/users/ban-user.ts';
import { deleteUserByAdmin } from '../../src/core/users/delete-user.ts';
import { Authenticator } from '../kit/authenticator.ts';
import { type HexclaveProject, hexclaveOnEveryEngine, password, type SignedIn } from '../kit/hexclave.ts';
import { tokenIn } from '../kit/stage.ts';

const everyWay = { 'auth.otp.allowSignIn': true, 'auth.passkey.allowSignIn': true };
const callback_url = 'http://localhost:3000/x';
const secret = Buffer.alloc(20, 5);

type Person = SignedIn & { readonly email: string };
/** What a person holds on the way in, just before something happens to them; then the last step of it. */
type LastStep = () => Promise<{ readonly status: number; readonly body: { readonly code?: string } }>;

hexclaveOnEveryEngine('the gate and end matrices on Hexclave (rules 12, 13, 18)', {}, (stage) => {
  const ctxOf = async (project: HexclaveProject) => (await stage.world.app.projects.find(project.id))!.context('cli');

  /** Every state that keeps people out, and what each path says then: never that the person exists (core map §4). */
  const states: Readonly<Record<string, (project: HexclaveProject, id: string) => Promise<unknown>>> = {
    banned: async (project, userId) =>
      banUser(await ctxOf(project), systemActor, { userId, reason: 'test', seconds: null }),
    deactivated: async (project, id) => {
      const ctx = await ctxOf(project);
      const now = ctx.clock.now();
      await asSystem(ctx, (tx) => tx.users.update(id, { deactivatedAt: now, deactivatedBy: 'operator' }, now));
    },
    deleted: async (project, id) => deleteUserByAdmin(await ctxOf(project), systemActor, id),
  };

  const setTotp = (project: HexclaveProject, { access_token: token }: Person) =>
    project.request('PATCH /users/me', { token, body: { totp_secret_base64: secret.toString('base64') } });

  /** Every path that ends in a session, begun; the code of a refusal. */
  const paths: Readonly<
    Record<string, (project: HexclaveProject, person: Person) => Promise<{ last: LastStep; refused: string[] }>>
  > = {
    async password(project, { email }) {
      const last = () => project.request('POST /auth/password/sign-in', { body: { email, password } });
      return { last, refused: ['EMAIL_PASSWORD_MISMATCH'] };
    },
    async 'mailed code'(project, person) {
      await project.request('POST /contact-channels/send-verification-code', {
        token: person.access_token,
        body: { email: person.email, callback_url },
      });
      const verification = tokenIn((await project.mails(person.email))[0]!.links[0]!);
      await project.request('POST /contact-channels/verify', { body: { code: verification } });
      await project.request('POST /auth/otp/send-sign-in-code', { body: { email: person.email, callback_url } });
      const code = tokenIn((await project.mails(person.email))[0]!.links[0]!);
      const last = () => project.request('POST /auth/otp/sign-in', { body: { code } });
      return { last, refused: ['VERIFICATION_CODE_NOT_FOUND'] };
    },
    async passkey(project, { access_token: token }) {
      const authenticator = new Authenticator();
      const origin = 'http://localhost:3000';
      const begin = async (what: string) =>
        (await project.request(`POST /auth/passkey/initiate-passkey-${what}`, { token, body: {} })).body;
      const { options_json: make, code } = await begin('registration');
      const credential = authenticator.create({ ...make, rp: { ...make.rp, id: 'localhost' } }, origin);
      await project.request('POST /auth/passkey/register', { token, body: { credential, code } });
      const started = await begin('authentication');
      const authentication_response = authenticator.get({ ...started.options_json, rpId: 'localhost' }, origin);
      const body = { authentication_response, code: started.code };
      const last = () => project.request('POST /auth/passkey/sign-in', { body });
      return { last, refused: ['PASSKEY_AUTHENTICATION_FAILED'] };
    },
    async 'second factor'(project, person) {
      await setTotp(project, person);
      const held = await project.request('POST /auth/password/sign-in', { body: { email: person.email, password } });
      const code = held.body.details.attempt_code;
      const totp = totpCode(secret, totpStep(stage.world.clock.now()));
      const last = () => project.request('POST /auth/mfa/sign-in', { body: { type: 'totp', totp, code } });
      return { last, refused: ['VERIFICATION_CODE_NOT_FOUND'] };
    },
    async 'the server’s word'(project, { user_id }) {
      const last = () => project.request('POST /auth/sessions', { access: 'server', body: { user_id } });
      return { last, refused: ['EMAIL_PASSWORD_MISMATCH', 'USER_ID_DOES_NOT_EXIST'] };
    },
    async 'refresh token'(project, { refresh_token: refreshToken }) {
      const last = () => project.request('POST /auth/sessions/current/refresh', { refreshToken });
      return { last, refused: ['REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED'] };
    },
    async 'access token'(project, { access_token: token }) {
      const last = () => project.request('GET /users/me', { token });
      return { last, refused: ['ACCESS_TOKEN_EXPIRED', 'CANNOT_GET_OWN_USER_WITHOUT_USER'] };
    },
  };

  for (const [way, begin] of Object.entries(paths)) {
    test(`${way} lets people in`, async () => {
      const project = await stage.project(everyWay);
      const { last } = await begin(project, await project.signUp());
      expect((await last()).status).toBe(200);
    });

    test.each(Object.keys(states))(`${way} keeps out who was %s meanwhile`, async (state) => {
      const project = await stage.project(everyWay);
      const person = await project.signUp();
      const { last, refused } = await begin(project, person);
      await states[state]!(project, person.user_id);
      const { body } = await last();
      expect(refused).toContain(body.code);
    });
  }

  const alive = async (project: HexclaveProject, { refresh_token: refreshToken }: Pick<SignedIn, 'refresh_token'>) =>
    (await project.request('POST /auth/sessions/current/refresh', { refreshToken })).status === 200;

  /** Core map §2, second matrix: what each event leaves of the session that asks, and of the others. */
  const endings: Readonly<
    Record<string, [(project: HexclaveProject, person: Person) => Promise<unknown>, current: boolean, other: boolean]>
  > = {
    'password changed': [
      (project, { access_token: token, refresh_token: refreshToken }) =>
        project.request('POST /auth/password/update', {
          ...{ token, refreshToken },
          body: { old_password: password, new_password: 'battery staple' },
        }),
      true,
      false,
    ],
    'password set by the server': [
      (project, { user_id }) =>
        project.request(`PATCH /users/${user_id}`, { access: 'server', body: { password: 'battery staple' } }),
      false,
      false,
    ],
    'second factor set': [setTotp, true, true],
    'another primary address': [
      (project, { access_token: token }) =>
        project.request('PATCH /users/me', { token, body: { primary_email: stage.address() } }),
      true,
      true,
    ],
    banned: [(project, { user_id }) => states.banned!(project, user_id), false, false],
    deleted: [(project, { user_id }) => states.deleted!(project, user_id), false, false],
  };

  test.each(Object.entries(endings))('%s', async (_name, [happen, current, other]) => {
    const project = await stage.project(everyWay);
    const person = await project.signUp();
    const second = await project.request('POST /auth/password/sign-in', { body: { email: person.email, password } });
    await happen(project, person);
    expect([await alive(project, person), await alive(project, second.body)]).toEqual([current, other]);
  });
});
