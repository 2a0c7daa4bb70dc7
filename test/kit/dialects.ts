import { randomBytes } from 'node:crypto';
import { axumKitStage } from './axumkit.ts';
import { type HexclaveProject, stageOf as hexclaveStage } from './hexclave.ts';
import { password, type Stage } from './stage.ts';

export interface Account {
  readonly email: string;
  readonly id: string;
}

/** What a signed-in client of some dialect holds, and what every one of them can do with it. */
export interface Held {
  /** Null: not signed in any more. */
  whoAmI(): Promise<string | null>;
  /** How many sessions the person has, as this client sees it. */
  countSessions(): Promise<number>;
  signOut(): Promise<void>;
  /** Ends every other session of the person, the way this dialect offers it. */
  endOthers(): Promise<void>;
  changePassword(from: string, to: string): Promise<void>;
  /** Turns a second factor on. */
  enrolTotp(): Promise<void>;
}

export type SignInOutcome = Held | 'second_factor' | 'refused';

/** One dialect as the matrix speaks to it; a new dialect is one row of `testDialects`. */
export interface TestDialect {
  readonly name: string;
  /** Lets restricted people have a session, which its endpoints see only when the client says that it takes them. */
  readonly takesRestricted: boolean;
  signUp(email: string): Promise<Account & { readonly held: Held }>;
  signIn(email: string, secret?: string): Promise<SignInOutcome>;
}

export const testDialects: Readonly<Record<string, (stage: Stage) => TestDialect>> = {
  'better-auth': betterAuth,
  hexclave,
  axumkit,
};

function betterAuth(stage: Stage): TestDialect {
  const held = (browser: ReturnType<Stage['browser']>): Held => ({
    async whoAmI() {
      return (await browser.get('/get-session')).body?.user.id ?? null;
    },
    async countSessions() {
      return (await browser.get('/list-sessions')).body.length;
    },
    async signOut() {
      expectOk(await browser.post('/sign-out'));
    },
    async endOthers() {
      expectOk(await browser.post('/revoke-other-sessions'));
    },
    async changePassword(currentPassword, newPassword) {
      expectOk(await browser.post('/change-password', { currentPassword, newPassword }));
    },
    async enrolTotp() {
      const enabled = await browser.post('/two-factor/enable', { password });
      expectOk(enabled);
      const { appCode } = await import('./totp.ts');
      const code = appCode(stage.world.clock, enabled.body.totpURI);
      expectOk(await browser.post('/two-factor/verify-totp', { code }));
    },
  });
  return {
    name: 'better-auth',
    takesRestricted: false,
    async signUp(email) {
      const browser = stage.browser();
      const reply = await browser.post('/sign-up/email', { email, password, name: 'Ada' });
      expectOk(reply);
      return { email, id: reply.body.user.id, held: held(browser) };
    },
    async signIn(email, secret = password) {
      const browser = stage.browser();
      const reply = await browser.post('/sign-in/email', { email, password: secret });
      if (reply.status !== 200) return 'refused';
      return reply.body.twoFactorRedirect ? 'second_factor' : held(browser);
    },
  };
}

function hexclave(stage: Stage): TestDialect {
  let opened: Promise<HexclaveProject> | null = null;
  const project = () => {
    opened ??= hexclaveStage(() => stage.world).existing(stage.world.app.mainProject.project.id);
    return opened;
  };
  const held = (tokens: { access_token: string; refresh_token: string }): Held => {
    const send = async (route: `${string} /${string}`, body?: unknown) =>
      (await project()).request(route, {
        token: tokens.access_token,
        refreshToken: tokens.refresh_token,
        ...(body !== undefined && { body }),
      });
    return {
      async whoAmI() {
        const reply = await send('GET /users/me');
        return reply.status === 200 ? reply.body.id : null;
      },
      async countSessions() {
        return (await send('GET /auth/sessions?user_id=me')).body.items.length;
      },
      async signOut() {
        expectOk(await send('DELETE /auth/sessions/current'));
      },
      async endOthers() {
        const { items } = (await send('GET /auth/sessions?user_id=me')).body;
        for (const { id, is_current_session: current } of items) {
          if (!current) expectOk(await send(`DELETE /auth/sessions/${id}?user_id=me`));
        }
      },
      async changePassword(old_password, new_password) {
        expectOk(await send('POST /auth/password/update', { old_password, new_password }));
      },
      async enrolTotp() {
        expectOk(await send('PATCH /users/me', { totp_secret_base64: randomBytes(20).toString('base64') }));
      },
    };
  };
  return {
    name: 'hexclave',
    takesRestricted: true,
    async signUp(email) {
      const tokens = await (await project()).signUp(email, password);
      return { email, id: tokens.user_id, held: held(tokens) };
    },
    async signIn(email, secret = password) {
      const reply = await (await project()).request('POST /auth/password/sign-in', {
        body: { email, password: secret },
      });
      if (reply.status === 200) return held(reply.body);
      return reply.body.code === 'MULTI_FACTOR_AUTHENTICATION_REQUIRED' ? 'second_factor' : 'refused';
    },
  };
}

function axumkit(stage: Stage): TestDialect {
  const kit = axumKitStage(stage);
  const held = (browser: ReturnType<Stage['browser']>): Held => ({
    async whoAmI() {
      const reply = await browser.get('/v0/user/me');
      return reply.status === 200 ? reply.body.id : null;
    },
    async countSessions() {
      const reply = await browser.get('/v0/auth/sessions');
      return (reply.body.sessions ?? reply.body).length;
    },
    async signOut() {
      expectOk(await browser.post('/v0/auth/logout'));
    },
    async endOthers() {
      const reply = await browser.get('/v0/auth/sessions');
      for (const { management_id: id, is_current: current } of reply.body.sessions ?? reply.body) {
        if (!current) expectOk(await browser.send('DELETE', `/v0/auth/sessions/${id}`));
      }
    },
    async changePassword(current_password, new_password) {
      expectOk(await browser.post('/v0/auth/change-password', { current_password, new_password }));
    },
    async enrolTotp() {
      await kit.withTotp({ browser, email: '', handle: '', id: '' });
    },
  });
  return {
    name: 'axumkit',
    takesRestricted: false,
    async signUp(email) {
      const browser = kit.browser();
      const handle = kit.handle();
      expectOk(await browser.post('/v0/users', { email, handle, display_name: 'Ada', password }));
      expectOk(await browser.post('/v0/auth/login', { email, password }));
      return { email, id: (await browser.get('/v0/user/me')).body.id, held: held(browser) };
    },
    async signIn(email, secret = password) {
      const browser = kit.browser();
      const reply = await browser.post('/v0/auth/login', { email, password: secret });
      if (reply.status === 204) return held(browser);
      return reply.status === 202 ? 'second_factor' : 'refused';
    },
  };
}

function expectOk(reply: { readonly status: number; readonly text: string }): void {
  if (reply.status >= 300) throw new Error(`answered ${reply.status} ${reply.text}`);
}
