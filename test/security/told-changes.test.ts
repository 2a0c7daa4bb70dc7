import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seconds } from '../../src/base/clock.ts';
import type { Notice } from '../../src/core/mail/mail.ts';
import { noticeContent } from '../../src/mail/notices.ts';
import { Authenticator } from '../kit/authenticator.ts';
import { type AxumKitStage, axumKitStage } from '../kit/axumkit.ts';
import type { Browser } from '../kit/browser.ts';
import { startFakeOAuth } from '../kit/fake-oauth.ts';
import { type HexclaveProject, type SignedIn, stageOf } from '../kit/hexclave.ts';
import { aPerson, signedIn } from '../kit/people.ts';
import { onOneEngine, otherPassword, password, type Stage, tokenIn } from '../kit/stage.ts';
import { appCode } from '../kit/totp.ts';

// Whoever's account changes is told at every address that was proven before: a thief who adds an address of their own, or
// resets the password by it, does not get the only notice.

const app = 'Test App';
const moved = `Your e-mail address at ${app} was changed`;

/** Somebody with two proven addresses and one that nobody has proven, signed in on every surface. */
interface Victim {
  readonly id: string;
  readonly email: string;
  /** Proven, not to sign in with; first the one that is to be changed. */
  readonly second: string;
  readonly unproven: string;
  readonly better: Browser;
  readonly axum: Browser;
  readonly token: string;
}

interface Place {
  readonly stage: Stage;
  readonly axum: AxumKitStage;
  readonly hex: HexclaveProject;
  readonly admin: Browser;
}

/** @returns what happens after the preparation, whose notices do not count */
type Change = (place: Place, who: Victim) => Promise<() => Promise<unknown>>;

const now =
  (change: (place: Place, who: Victim) => Promise<unknown>): Change =>
  async (place, who) =>
  () =>
    change(place, who);

const ok = <T extends { readonly status: number; readonly text: string }>(reply: T): T => {
  if (reply.status >= 400) throw new Error(`answered ${reply.status} ${reply.text}`);
  return reply;
};
const secret = Buffer.alloc(20, 3).toString('base64');
const mine = (hex: HexclaveProject, who: Victim, route: `${string} /${string}`, body?: object) =>
  hex.request(route, { token: who.token, ...(body && { body }) }).then(ok);
const server = (hex: HexclaveProject, route: `${string} /${string}`, body?: object) =>
  hex.request(route, { access: 'server', ...(body && { body }) }).then(ok);
const channelOf = async (hex: HexclaveProject, who: Victim, value: string): Promise<string> => {
  const { items } = (await mine(hex, who, 'GET /contact-channels?user_id=me')).body;
  return items.find((item: { value: string }) => item.value === value).id;
};
const betterTotp = async ({ stage }: Place, { better }: Victim) => {
  const { body } = ok(await better.post('/two-factor/enable', { password }));
  return { ...body, code: () => appCode(stage.world.clock, body.totpURI as string) };
};
const axumTotp = async ({ axum }: Place, { axum: browser }: Victim) => {
  const { body } = ok(await browser.post('/v0/auth/totp/setup'));
  return () => axum.code(body.qr_code_uri);
};
const reset = async ({ stage }: Place, to: string) => {
  let link = (await stage.world.mail(to)).links[0]!;
  if (link.includes('callbackURL')) link = (await stage.browser().visit(link)).headers.get('location')!;
  const visitor = stage.browser();
  const page = await visitor.visit(link);
  return ok(await visitor.press(page, { password: otherPassword, again: otherPassword }));
};

/** Each change, on each surface that can make it. A text is the subject of a mail of its own. */
const changes: Readonly<Record<string, readonly [told: Notice | typeof moved, change: Change]>> = {
  'Better Auth: password changed': [
    'password_changed',
    now(({ stage: _ }, { better }) =>
      better.post('/change-password', { currentPassword: password, newPassword: otherPassword }).then(ok),
    ),
  ],
  'AxumKit: password changed': [
    'password_changed',
    now((_, { axum }) =>
      axum.post('/v0/auth/change-password', { current_password: password, new_password: otherPassword }).then(ok),
    ),
  ],
  'Hexclave: password changed': [
    'password_changed',
    now(({ hex }, who) =>
      mine(hex, who, 'POST /auth/password/update', { old_password: password, new_password: otherPassword }),
    ),
  ],
  'Hexclave: password set by the server': [
    'password_changed',
    now(({ hex }, { id }) => server(hex, `PATCH /users/${id}`, { password: otherPassword })),
  ],
  'Better Auth: password set by an administrator': [
    'password_changed',
    now(({ admin }, { id }) =>
      admin.post('/admin/set-user-password', { userId: id, newPassword: otherPassword }).then(ok),
    ),
  ],
  'Better Auth: password reset': [
    'password_changed',
    async (place, { email }) => {
      await place.stage.browser().post('/request-password-reset', { email });
      return () => reset(place, email);
    },
  ],
  'AxumKit: password reset': [
    'password_changed',
    async (place, { email }) => {
      await place.axum.browser().post('/v0/auth/forgot-password', { email });
      return () => reset(place, email);
    },
  ],
  'password reset through a sign-in address that was added since': [
    'password_changed',
    async (place, who) => {
      const thief = place.stage.address();
      await mine(place.hex, who, 'POST /contact-channels', {
        ...{ user_id: 'me', type: 'email', value: thief, used_for_auth: true },
      });
      const id = await channelOf(place.hex, who, thief);
      await server(place.hex, `PATCH /contact-channels/${who.id}/${id}`, { is_verified: true });
      await place.stage.browser().post('/request-password-reset', { email: thief });
      return () => reset(place, thief);
    },
  ],

  'Hexclave: sign-in address added': [
    'address_added',
    now(({ hex, stage }, who) =>
      mine(hex, who, 'POST /contact-channels', {
        ...{ user_id: 'me', type: 'email', value: stage.address(), used_for_auth: true },
      }),
    ),
  ],
  'Hexclave: address added by the server': [
    'address_added',
    now(({ hex, stage }, { id }) =>
      server(hex, 'POST /contact-channels', {
        ...{ user_id: id, type: 'email', value: stage.address(), used_for_auth: true, is_verified: true },
      }),
    ),
  ],
  'Hexclave: primary address chosen and used to sign in, told once': [
    'address_changed',
    async ({ hex }, who) => {
      const id = await channelOf(hex, who, who.second);
      return () => mine(hex, who, `PATCH /contact-channels/me/${id}`, { is_primary: true, used_for_auth: true });
    },
  ],
  'Hexclave: primary address chosen in an edit of the person': [
    'address_changed',
    now(({ hex }, { id, second }) => server(hex, `PATCH /users/${id}`, { primary_email: second })),
  ],
  'Hexclave: address replaced': [
    'address_changed',
    async ({ hex, stage }, who) => {
      const id = await channelOf(hex, who, who.second);
      return () => server(hex, `PATCH /contact-channels/${who.id}/${id}`, { value: stage.address() });
    },
  ],
  'Hexclave: address removed': [
    'address_removed',
    async ({ hex }, who) => {
      const id = await channelOf(hex, who, who.second);
      return () => mine(hex, who, `DELETE /contact-channels/me/${id}`);
    },
  ],
  'Better Auth: address changed by links': [
    moved,
    async ({ stage }, { better, email }) => {
      const newEmail = stage.address();
      ok(await better.post('/change-email', { newEmail }));
      ok(await better.visit((await stage.world.mail(email)).links[0]!));
      const link = (await stage.world.mail(newEmail)).links[0]!;
      return async () => ok(await better.visit(link));
    },
  ],
  'Better Auth: address changed by an administrator': [
    moved,
    now(({ admin, stage }, { id }) =>
      admin.post('/admin/update-user', { userId: id, data: { email: stage.address() } }).then(ok),
    ),
  ],
  'AxumKit: address changed': [
    moved,
    async ({ stage }, { axum }) => {
      const next = stage.address();
      ok(await axum.post('/v0/auth/change-email', { password, new_email: next }));
      const token = tokenIn((await stage.world.mail(next)).links[0]!);
      return () => axum.post('/v0/auth/confirm-email-change', { token }).then(ok);
    },
  ],

  'Better Auth: second factor on': [
    'factor_on',
    async (place, who) => {
      const { code } = await betterTotp(place, who);
      return () => who.better.post('/two-factor/verify-totp', { code: code() }).then(ok);
    },
  ],
  'AxumKit: second factor on': [
    'factor_on',
    async (place, who) => {
      const code = await axumTotp(place, who);
      return () => who.axum.post('/v0/auth/totp/enable', { code: code() }).then(ok);
    },
  ],
  'Hexclave: second factor on': [
    'factor_on',
    now(({ hex }, who) => mine(hex, who, 'PATCH /users/me', { totp_secret_base64: secret })),
  ],
  'Hexclave: second factor on, by the server': [
    'factor_on',
    now(({ hex }, { id }) => server(hex, `PATCH /users/${id}`, { totp_secret_base64: secret })),
  ],
  'Better Auth: second factor off': [
    'factor_off',
    async (place, who) => {
      const { code } = await betterTotp(place, who);
      ok(await who.better.post('/two-factor/verify-totp', { code: code() }));
      return () => who.better.post('/two-factor/disable', { password }).then(ok);
    },
  ],
  'AxumKit: second factor off': [
    'factor_off',
    async (place, who) => {
      const code = await axumTotp(place, who);
      ok(await who.axum.post('/v0/auth/totp/enable', { code: code() }));
      place.stage.world.clock.advance(seconds(30));
      return () => who.axum.post('/v0/auth/totp/disable', { code: code() }).then(ok);
    },
  ],
  'Hexclave: second factor off, by the server': [
    'factor_off',
    async ({ hex }, who) => {
      await server(hex, `PATCH /users/${who.id}`, { totp_secret_base64: secret });
      return () => server(hex, `PATCH /users/${who.id}`, { totp_secret_base64: null });
    },
  ],
  'Better Auth: backup codes renewed': [
    'backup_codes_renewed',
    async (place, who) => {
      const { code } = await betterTotp(place, who);
      ok(await who.better.post('/two-factor/verify-totp', { code: code() }));
      return () => who.better.post('/two-factor/generate-backup-codes', { password }).then(ok);
    },
  ],
  'AxumKit: backup codes renewed': [
    'backup_codes_renewed',
    async (place, who) => {
      const code = await axumTotp(place, who);
      ok(await who.axum.post('/v0/auth/totp/enable', { code: code() }));
      place.stage.world.clock.advance(seconds(30));
      return () => who.axum.post('/v0/auth/totp/backup-codes/regenerate', { code: code() }).then(ok);
    },
  ],

  'Better Auth: passkey added': ['passkey_added', now((_, { better }) => addPasskey(better))],
  'Better Auth: passkey removed': [
    'passkey_removed',
    async (_, { better }) => {
      const { id } = (await addPasskey(better)).body;
      return () => better.post('/passkey/delete-passkey', { id }).then(ok);
    },
  ],

  'Better Auth: key made': ['key_made', now((_, { better }) => better.post('/api-key/create', {}).then(ok))],
  'Hexclave: key made': [
    'key_made',
    now(({ hex }, who) =>
      mine(hex, who, 'POST /user-api-keys', { user_id: 'me', description: 'ci', expires_at_millis: null }),
    ),
  ],

  'Better Auth: provider linked': [
    'identity_linked',
    async (_, { better, email }) => {
      comesAs(email);
      const { body } = ok(await better.post('/link-social', { provider: 'github' }));
      const state = new URL(body.url).searchParams.get('state');
      return async () => ok(await better.get(`/callback/github?code=abc&state=${state}`));
    },
  ],
  'Better Auth: provider linked by a sign-in with the same address': [
    'identity_linked',
    async ({ stage }, { email }) => {
      comesAs(email);
      const visitor = stage.browser();
      const { body } = ok(await visitor.post('/sign-in/social', { provider: 'github' }));
      const state = new URL(body.url).searchParams.get('state');
      return async () => ok(await visitor.get(`/callback/github?code=abc&state=${state}`));
    },
  ],
  'Hexclave: provider linked by the server': ['identity_linked', now(({ hex }, who) => attach(hex, who))],
  'Hexclave: provider that begins to sign in': [
    'identity_linked',
    async ({ hex }, who) => {
      const { id } = (await attach(hex, who, { allow_sign_in: false })).body;
      return () => server(hex, `PATCH /oauth-providers/${who.id}/${id}`, { allow_sign_in: true });
    },
  ],
  'Hexclave: provider that signs in no more': [
    'identity_unlinked',
    async ({ hex }, who) => {
      const { id } = (await attach(hex, who)).body;
      return () => mine(hex, who, `PATCH /oauth-providers/me/${id}`, { allow_sign_in: false });
    },
  ],
  'Hexclave: provider unlinked': [
    'identity_unlinked',
    async ({ hex }, who) => {
      const { id } = (await attach(hex, who)).body;
      return () => mine(hex, who, `DELETE /oauth-providers/me/${id}`);
    },
  ],
  'Better Auth: provider unlinked': [
    'identity_unlinked',
    async ({ hex }, who) => {
      await attach(hex, who);
      return () => who.better.post('/unlink-account', { providerId: 'github' }).then(ok);
    },
  ],

  'Better Auth: signed out by an administrator': [
    'signed_out',
    now(({ admin }, { id }) => admin.post('/admin/revoke-user-sessions', { userId: id }).then(ok)),
  ],
  'Hexclave: session ended by the server': [
    'signed_out',
    async ({ hex }, { id }) => {
      const { items } = (await server(hex, `GET /auth/sessions?user_id=${id}`)).body;
      return () => server(hex, `DELETE /auth/sessions/${items[0].id}?user_id=${id}`);
    },
  ],
};

const fake = await startFakeOAuth();
afterAll(() => fake.close());
let accounts = 100;
function comesAs(email: string): void {
  accounts += 1;
  fake.reset();
  fake.answers.user = { body: { id: accounts, login: `cat${accounts}`, name: 'Cat', avatar_url: null } };
  fake.answers.emails = { body: [{ email, primary: true, verified: true }] };
}
const attach = (hex: HexclaveProject, { id, email }: Victim, more: object = {}) =>
  server(hex, 'POST /oauth-providers', {
    ...{ user_id: id, provider_config_id: 'github', account_id: crypto.randomUUID(), email },
    ...{ allow_sign_in: true, allow_connected_accounts: true, ...more },
  });
async function addPasskey(better: Browser) {
  const { body } = ok(await better.get('/passkey/generate-register-options'));
  const response = new Authenticator().create(body, 'https://app.example.com');
  return ok(await better.post('/passkey/verify-registration', { response }));
}

const options = {
  providers: [fake.config()],
  policy: {
    'passkeys.rpId': 'example.com',
    'redirects.origins': ['https://app.example.com'],
    'apiKeys.enabled': true,
    'apiKeys.personOwned': true,
  },
  contract: false,
};

onOneEngine('What people are told of changes', options, (stage) => {
  let place: Place;
  beforeAll(async () => {
    const { world } = stage;
    const admin = await aPerson(world, { email: 'admin@example.com', roles: ['admin'] });
    place = {
      ...{ stage, axum: axumKitStage(stage), admin: await signedIn(world, admin.email!.value) },
      hex: await stageOf(() => world).existing(world.app.mainProject.project.id),
    };
  });

  async function victim(): Promise<Victim> {
    const { hex, axum } = place;
    const { browser: better, email, id } = await stage.member({ verified: true });
    const [second, unproven] = [stage.address(), stage.address()];
    for (const [value, is_verified] of [
      [second, true],
      [unproven, false],
    ] as const) {
      const body = { user_id: id, type: 'email', value, used_for_auth: false, is_verified };
      await server(hex, 'POST /contact-channels', body);
    }
    const { body } = ok(await hex.request('POST /auth/password/sign-in', { body: { email, password } }));
    const { access_token: token } = body as SignedIn;
    return { id, email, second, unproven, better, axum: await axum.signIn(email), token };
  }

  describe.each(Object.entries(changes))('%s', (_name, [told, prepare]) => {
    test('is told once to every address that was proven before, and to no other', async () => {
      const who = await victim();
      const change = await prepare(place, who);
      const before = (await stage.world.mails()).map(({ id }) => id);
      await change();
      const mails = (await stage.world.mails()).filter(({ id }) => !before.includes(id));
      const subject = told === moved ? moved : noticeContent(told, app).subject;
      const tellers = mails.filter((mail) => mail.subject === subject).map(({ to }) => to);
      expect(tellers.filter((to) => [who.email, who.second, who.unproven].includes(to)).toSorted()).toEqual(
        [who.email, who.second].toSorted(),
      );
    });
  });

  test('what people do with their own sessions is told nobody', async () => {
    const who = await victim();
    const before = (await stage.world.mails()).length;
    ok(await who.better.post('/revoke-other-sessions'));
    expect(await stage.world.mails()).toHaveLength(before);
  });

  test('an account that the owner of a mailbox claims: addresses that were proven before hear of it', async () => {
    const { hex } = place;
    const contact = stage.address();
    const typed = stage.address();
    const { body } = await server(hex, 'POST /users', { primary_email: typed, primary_email_auth_enabled: true });
    await server(hex, 'POST /contact-channels', {
      ...{ user_id: body.id, type: 'email', value: contact, used_for_auth: false, is_verified: true },
    });
    const visitor = stage.browser();
    await visitor.post('/sign-in/magic-link', { email: typed });
    ok(await visitor.visit((await stage.world.mail(typed)).links[0]!));
    expect((await stage.world.mail(contact)).subject).toBe(noticeContent('account_claimed', app).subject);
  });
});
