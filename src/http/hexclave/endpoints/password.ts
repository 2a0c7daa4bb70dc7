import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { checkReturnUrl } from '../../../core/return-urls.ts';
import { signInWithPassword } from '../../../core/sign-in/sign-in-with-password.ts';
import { signUpWithPassword } from '../../../core/users/sign-up-with-password.ts';
import { challengeOf } from '../challenge.ts';
import { endpoint } from '../endpoint.ts';
import { codeLink } from '../links.ts';
import { botChallenge, email, Fields, newPassword, signUpEmail, tokens, url } from '../schemas.ts';
import { signedIn } from '../sign-in-answer.ts';

const tag = 'Password';

/** In the document. */
const example = {
  body: { email: 'ada@example.com', password: 'correct horse battery' },
  reply: {
    200: {
      access_token: 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIwMTk4YzFmMiJ9.c2lnbmF0dXJl',
      refresh_token: 'k3vx4u2m7qh5wz6tj0cn8yb1r9fdpgasel2ovt7qm4x5k',
      user_id: '0198c1f2-6d0a-7c3e-9b7a-2f4d5e6a7b8c',
    },
  },
};

export const passwordSignUp = endpoint('POST /auth/password/sign-up', {
  needs: 'project_client',
  operationId: 'signUpWithPassword',
  summary: 'Sign up with an e-mail and a password',
  tag,
  body: Fields({
    email: signUpEmail(),
    password: newPassword(),
    verification_callback_url: Type.Optional(url()),
    ...botChallenge,
  }),
  replies: { 200: tokens },
  example,
  async handle(call) {
    const { body, ctx } = call;
    const asked = body.verification_callback_url;
    const callback = asked === undefined ? null : checkReturnUrl(ctx, asked, 'verification_callback_url');
    const { admission, withheld } = await signUpWithPassword(ctx, call.newcomer, {
      email: body.email,
      password: body.password,
      displayName: null,
      persistent: true,
      challenge: challengeOf(body),
      verificationLink: callback === null ? null : codeLink(callback),
    });
    // Where sign-ups open no session, an address that was free is answered like one that was taken.
    if (!admission) throw withheld ?? new Refusal('email_not_verified');
    return signedIn(call, admission);
  },
});

export const passwordSignIn = endpoint('POST /auth/password/sign-in', {
  needs: 'project_client',
  operationId: 'signInWithPassword',
  summary: 'Sign in with an e-mail and a password',
  tag,
  body: Fields({ email: email(), password: Type.String() }),
  replies: { 200: tokens },
  example,
  async handle(call) {
    const { body, ctx } = call;
    const admission = await signInWithPassword(ctx, call.newcomer, {
      identifier: { email: body.email },
      password: body.password,
      persistent: true,
      verificationLink: null,
    });
    return signedIn(call, admission);
  },
});
