import { signUpAnonymously } from '../../../core/users/sign-up-anonymously.ts';
import { endpoint } from '../endpoint.ts';
import { tokens } from '../schemas.ts';
import { signedIn } from '../sign-in-answer.ts';

export const anonymousSignUp = endpoint('POST /auth/anonymous/sign-up', {
  needs: 'project_client',
  operationId: 'signUpAnonymously',
  summary: 'A user without identifiers, signed in',
  tag: 'Anonymous',
  replies: { 200: tokens },
  handle: async (call) => signedIn(call, await signUpAnonymously(call.ctx, { kind: 'anonymous', from: call.from })),
});
