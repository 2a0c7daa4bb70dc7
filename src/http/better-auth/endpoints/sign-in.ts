import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import type { TrustedUrl } from '../../../core/return-urls.ts';
import type { Admission } from '../../../core/sessions/admit-user.ts';
import { type PasswordSignIn, signInWithPassword } from '../../../core/sign-in/sign-in-with-password.ts';
import { checkUsername } from '../../../core/users/check-username.ts';
import { type Answer, json } from '../../kit/answer.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { landing, landingIfGiven } from '../landing.ts';
import { verificationLink } from '../links.ts';
import { browserTokenFor, rememberBrowser } from '../mailed-links.ts';
import { returnUrl, userSchema } from '../schemas.ts';
import { keepTrust, trustToken, twoFactorAnswer } from '../two-factor-challenge.ts';
import { userWire } from '../wire.ts';
import { exampleUser } from './sign-up.ts';

const signedIn = Type.Union([
  Type.Object({
    redirect: Type.Boolean(),
    token: Type.String(),
    url: Type.Optional(Type.String()),
    user: userSchema,
  }),
  Type.Object({ twoFactorRedirect: Type.Literal(true), twoFactorMethods: Type.Array(Type.String()) }),
]);

const rest = {
  password: Type.String(),
  callbackURL: returnUrl('Where the client should go on to'),
  rememberMe: Type.Optional(Type.Boolean({ default: true })),
};

export const signInEmail = endpoint('POST /sign-in/email', {
  needs: 'nobody',
  operationId: 'signInEmail',
  summary: 'Sign in with an e-mail and a password',
  tag: 'Default',
  acceptsForms: true,
  body: Type.Object({ email: Type.String(), ...rest }),
  replies: { 200: signedIn },
  refuses: [
    ...(['method_disabled', 'email_invalid', 'credential_rejected', 'email_not_verified'] as const),
    ...(['user_banned', 'user_deactivated', 'user_restricted', 'too_many_requests', 'busy'] as const),
  ],
  example: {
    body: { email: 'ada@example.com', password: 'correct horse battery' },
    reply: {
      200: { redirect: false, token: 'k3vx4u2m7qh5wz6tj0cn8yb1r9fdpgasel2ovt7qm4x5k', user: exampleUser },
    },
  },
  handle: (call) => signIn(call, { email: call.body.email }, call.body),
});

const unprocessable = (code: string, message: string): WireError => ({ status: 422, code, message });

/** A username that cannot be one is told as such here and at the availability check (spec §1.4). */
const usernameForms = {
  username_too_short: unprocessable('USERNAME_TOO_SHORT', 'Username is too short'),
  username_too_long: unprocessable('USERNAME_TOO_LONG', 'Username is too long'),
  username_invalid: unprocessable('INVALID_USERNAME', 'Username is invalid'),
};

const wrongUsernameOrPassword: WireError = {
  status: 401,
  code: 'INVALID_USERNAME_OR_PASSWORD',
  message: 'Invalid username or password',
};

export const signInUsername = endpoint('POST /sign-in/username', {
  needs: 'nobody',
  operationId: 'signInUsername',
  summary: 'Sign in with a username and a password',
  tag: 'Username',
  body: Type.Object({ username: Type.String(), ...rest }),
  replies: { 200: signedIn },
  refusals: { ...usernameForms, credential_rejected: wrongUsernameOrPassword },
  handle(call) {
    const { body } = call;
    if (body.username === '' || body.password === '') {
      return { status: 401, body: { message: wrongUsernameOrPassword.message, code: wrongUsernameOrPassword.code } };
    }
    return signIn(call, { username: body.username }, body);
  },
});

export const isUsernameAvailable = endpoint('POST /is-username-available', {
  needs: 'nobody',
  operationId: 'isUsernameAvailable',
  summary: 'Is a username free?',
  tag: 'Username',
  body: Type.Object({ username: Type.String() }),
  replies: { 200: Type.Object({ available: Type.Boolean() }) },
  refusals: { ...usernameForms, method_disabled: { status: 404, code: 'NOT_FOUND', message: 'Not found' } },
  handle: async (call) => json({ available: await checkUsername(call.ctx, await call.actor(), call.body.username) }),
});

interface Rest {
  readonly password: string;
  readonly callbackURL?: TrustedUrl;
  readonly rememberMe?: boolean;
}

async function signIn(call: BetterAuthCall, identifier: PasswordSignIn['identifier'], rest: Rest): Promise<Answer> {
  const browserToken = browserTokenFor(call);
  const admission = await signInWithPassword(call.ctx, await call.newcomer(), {
    identifier,
    password: rest.password,
    persistent: rest.rememberMe ?? true,
    verificationLink: verificationLink(call.settings, landing(call, rest.callbackURL)),
    browserToken,
    returnTo: landingIfGiven(call, rest.callbackURL),
    trustToken: trustToken(call),
  }).catch((refusal) => {
    // A link was mailed, and the answer opens no session that would show who follows it.
    if (refusal instanceof Refusal && refusal.code === 'email_not_verified') rememberBrowser(call, browserToken);
    throw refusal;
  });
  return admitted(call, admission, rest.callbackURL);
}

/** The answer of every JSON path that signs in. */
export function admitted(call: BetterAuthCall, admission: Admission, callbackURL: TrustedUrl | undefined): Answer {
  if (admission.kind === 'second_factor_required') return twoFactorAnswer(call, admission);
  const { live, token } = admission;
  call.sendSession(token, live.session);
  keepTrust(call, admission.deviceTrust);
  const url = callbackURL ? { url: callbackURL } : {};
  return {
    status: 200,
    body: { redirect: Boolean(callbackURL), token, ...url, user: userWire(live.user, call.settings) },
    headers: callbackURL ? { location: callbackURL } : {},
  };
}
