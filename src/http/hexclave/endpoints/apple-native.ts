import { Type } from 'typebox';
import { signInWithProviderToken } from '../../../core/identities/sign-in-with-provider-token.ts';
import { endpoint } from '../endpoint.ts';
import { channelTaken } from '../provider-errors.ts';
import { Fields, signIn } from '../schemas.ts';
import { signedIn } from '../sign-in-answer.ts';
import { known } from '../wire-error.ts';

const notConfigured = known(
  400,
  'APPLE_BUNDLE_ID_NOT_CONFIGURED',
  "Apple Sign In is enabled, but no Bundle IDs are configured. Please add your app's Bundle ID in the Stack Auth dashboard under OAuth Providers > Apple > Apple Bundle IDs.",
);
const invalid = known(
  400,
  'INVALID_APPLE_CREDENTIALS',
  'The Apple Sign In credentials could not be verified. Please try signing in again.',
);

export const appleNative = endpoint('POST /auth/oauth/callback/apple/native', {
  needs: 'project_client',
  operationId: 'signInWithAppleNative',
  summary: 'Sign in with an identity token that Apple gave to an application on a device',
  tag: 'OAuth',
  lenient: true,
  body: Fields({ id_token: Type.String({ minLength: 1 }) }),
  replies: { 200: signIn },
  refusals: {
    email_taken: channelTaken,
    provider_token_rejected: ({ field }) => (field === 'native' ? notConfigured : invalid),
    user_banned: invalid,
    user_deactivated: invalid,
  },
  async handle(call) {
    const { admission, isNewUser } = await signInWithProviderToken(call.ctx, call.newcomer, {
      ...{ provider: 'apple', idToken: call.body.id_token, native: true, nonce: null },
      ...{ accessToken: null, refreshToken: null, accessExpiresAt: null, scopes: [] },
      ...{ displayName: null, requestSignUp: true, verificationLink: null },
    });
    return signedIn(call, admission, isNewUser);
  },
});
