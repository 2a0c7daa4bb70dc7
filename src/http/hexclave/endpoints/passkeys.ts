import { Type } from 'typebox';
import { registerPasskey, startPasskeyRegistration } from '../../../core/passkeys/register-passkey.ts';
import { signInWithPasskey, startPasskeySignIn } from '../../../core/passkeys/sign-in-with-passkey.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { code as codeText, Fields, signIn } from '../schemas.ts';
import { signedIn } from '../sign-in-answer.ts';
import { known } from '../wire-error.ts';

const tag = 'Passkeys';

/** Clients put their own host in its place: a passkey belongs to the application (spec §3.16). */
const replacedByClient = 'THIS_VALUE_WILL_BE_REPLACED.example.com';
/** EdDSA, ES256, RS256. */
const algorithms = [-8, -7, -257].map((alg) => ({ alg, type: 'public-key' }));
const timeout = 60_000;

const started = Type.Object({ options_json: Type.Record(Type.String(), Type.Unknown()), code: Type.String() });
const response = () => Type.Record(Type.String(), Type.Unknown());
const notFound = known(400, 'PASSKEY_AUTHENTICATION_FAILED', 'Passkey not found');
const refusals = {
  method_disabled: known(
    400,
    'PASSKEY_AUTHENTICATION_NOT_ENABLED',
    'Passkey authentication is not enabled for this project.',
  ),
  // Whoever may not be let in learns nothing of it.
  user_banned: notFound,
  user_deactivated: notFound,
};

export const initiateRegistration = endpoint('POST /auth/passkey/initiate-passkey-registration', {
  needs: 'user',
  userIsField: true,
  operationId: 'initiatePasskeyRegistration',
  summary: 'Begin to make a passkey',
  tag,
  bodyOptional: true,
  body: Fields({}),
  replies: { 200: started },
  refusals,
  async handle(call, me) {
    const { challenge, userHandle, token } = await startPasskeyRegistration(call.ctx, me);
    const { displayName, email } = me.live.user;
    const name = displayName ?? email?.value ?? (call.texts.legacy ? 'Stack Auth User' : 'Hexclave User');
    return json({
      options_json: {
        rp: { name: call.ctx.project.displayName, id: replacedByClient },
        user: { id: userHandle, name, displayName: name },
        challenge,
        pubKeyCredParams: algorithms,
        timeout,
        attestation: 'none',
        excludeCredentials: [],
        authenticatorSelection: {
          residentKey: 'required',
          requireResidentKey: true,
          userVerification: 'preferred',
        },
        extensions: { credProps: true },
      },
      code: token,
    });
  },
});

export const register = endpoint('POST /auth/passkey/register', {
  needs: 'user',
  userIsField: true,
  operationId: 'registerPasskey',
  summary: 'Keep the passkey that the browser made; it takes the place of an older one',
  tag,
  body: Fields({ credential: response(), code: codeText() }),
  replies: { 200: Type.Object({ user_handle: Type.String() }) },
  refusals,
  async handle(call, me) {
    const { credential, code } = call.body;
    const passkey = await registerPasskey(call.ctx, me, {
      token: code.toLowerCase(),
      response: credential,
      name: null,
    });
    return json({ user_handle: passkey.credentialId });
  },
});

export const initiateAuthentication = endpoint('POST /auth/passkey/initiate-passkey-authentication', {
  needs: 'project_client',
  operationId: 'initiatePasskeyAuthentication',
  summary: 'Begin to sign in with a passkey',
  tag,
  bodyOptional: true,
  body: Fields({}),
  replies: { 200: started },
  refusals,
  async handle(call) {
    const { challenge, token } = await startPasskeySignIn(call.ctx, { kind: 'anonymous', from: call.from });
    return json({
      options_json: {
        rpId: replacedByClient,
        challenge,
        allowCredentials: [],
        userVerification: 'preferred',
        timeout,
      },
      code: token,
    });
  },
});

export const passkeySignIn = endpoint('POST /auth/passkey/sign-in', {
  needs: 'project_client',
  operationId: 'signInWithPasskey',
  summary: 'Sign in with what the authenticator signed',
  tag,
  body: Fields({ authentication_response: response(), code: codeText() }),
  replies: { 200: signIn },
  refusals,
  async handle(call) {
    const { authentication_response, code } = call.body;
    const admission = await signInWithPasskey(call.ctx, call.newcomer, {
      token: code.toLowerCase(),
      response: authentication_response,
    });
    return signedIn(call, admission, false);
  },
});
