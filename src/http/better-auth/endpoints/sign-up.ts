import { Type } from 'typebox';
import type { Context } from '../../../core/context.ts';
import { signUpWithPassword } from '../../../core/users/sign-up-with-password.ts';
import { couldBeUsername } from '../../../core/users/username-rules.ts';
import { json } from '../../kit/answer.ts';
import { fieldsOfNew } from '../additional-fields.ts';
import { endpoint } from '../endpoint.ts';
import { landing } from '../landing.ts';
import { verificationLink } from '../links.ts';
import { browserTokenFor, rememberBrowser } from '../mailed-links.ts';
import { returnUrl, tokenAndUserSchema } from '../schemas.ts';
import { pictureOf, profileFields, refuseServerManaged } from '../user-fields.ts';
import { userWire } from '../wire.ts';

/** In the document. */
export const exampleUser = {
  id: '0198c1f2-6d0a-7c3e-9b7a-2f4d5e6a7b8c',
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  emailVerified: false,
  image: null,
  createdAt: '2026-01-05T09:30:00.000Z',
  updatedAt: '2026-01-05T09:30:00.000Z',
  username: null,
  displayUsername: null,
  twoFactorEnabled: false,
  role: 'user',
  banned: false,
  banReason: null,
  banExpires: null,
};

export const signUpEmail = endpoint('POST /sign-up/email', {
  needs: 'nobody',
  operationId: 'signUpWithEmailAndPassword',
  summary: 'Sign up with an e-mail and a password',
  tag: 'Default',
  acceptsForms: true,
  body: Type.Object({
    name: Type.String(),
    email: Type.String(),
    password: Type.String({ minLength: 1 }),
    ...profileFields,
    callbackURL: returnUrl('Where the verification link goes on to'),
    rememberMe: Type.Optional(Type.Boolean()),
  }),
  replies: { 200: tokenAndUserSchema },
  refusals: {
    method_disabled: {
      status: 400,
      code: 'EMAIL_PASSWORD_SIGN_UP_DISABLED',
      message: 'Email and password sign up is not enabled',
    },
    email_invalid: { status: 400, code: 'VALIDATION_ERROR', message: '[body.email] Invalid email address' },
  },
  refuses: [
    ...(['sign_up_disabled', 'sign_up_rejected', 'bot_challenge_required', 'bot_challenge_failed'] as const),
    ...(['display_name_invalid', 'image_invalid', 'metadata_too_large', 'field_not_allowed'] as const),
    ...(['username_invalid', 'username_too_short', 'username_too_long', 'username_taken'] as const),
    ...(['password_too_short', 'password_too_long', 'email_taken', 'too_many_requests', 'busy'] as const),
    ...(['password_breached', 'field_required', 'unavailable'] as const),
    ['display_name_invalid', 'usernameDisplay'],
  ],
  example: {
    body: { name: 'Ada Lovelace', email: 'ada@example.com', password: 'correct horse battery' },
    reply: { 200: { token: 'k3vx4u2m7qh5wz6tj0cn8yb1r9fdpgasel2ovt7qm4x5k', user: exampleUser } },
  },
  async handle(call) {
    const { body, settings } = call;
    refuseServerManaged(body);
    const browserToken = browserTokenFor(call);
    const signedUp = await signUpWithPassword(call.ctx, await call.actor(), {
      email: body.email,
      password: body.password,
      displayName: body.name,
      ...usernames(call.ctx, body),
      ...pictureOf(body.image),
      metadataClient: fieldsOfNew(body, settings),
      persistent: body.rememberMe ?? true,
      verificationLink: verificationLink(settings, landing(call, body.callbackURL)),
      browserToken,
    });
    const { admission } = signedUp;
    // A pending second factor cannot follow a sign-up; without a session the answer is the same as a concealed one.
    if (admission?.kind !== 'session') {
      rememberBrowser(call, browserToken);
      return json({ token: null, user: userWire(signedUp.person, settings) });
    }
    call.sendSession(admission.token, admission.live.session);
    return json({ token: admission.token, user: userWire(admission.live.user, settings) });
  },
});

/** Only a display username: it is the username as well when it can be one (spec §2.4). */
function usernames(ctx: Context, body: { username?: string | null; displayUsername?: string | null }) {
  const username = body.username ?? undefined;
  const displayUsername = body.displayUsername || undefined;
  if (username !== undefined) return { username, usernameDisplay: displayUsername };
  if (displayUsername === undefined) return {};
  return couldBeUsername(ctx, displayUsername)
    ? { username: displayUsername, usernameDisplay: displayUsername }
    : { usernameDisplay: displayUsername };
}
