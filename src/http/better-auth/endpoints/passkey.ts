import { Type } from 'typebox';
import { isoTime } from '../../../base/clock.ts';
import { listPasskeys, removePasskey, renamePasskey } from '../../../core/passkeys/manage-passkeys.ts';
import type { Passkey } from '../../../core/passkeys/passkey.ts';
import { registerPasskey, startPasskeyRegistration } from '../../../core/passkeys/register-passkey.ts';
import { ceremonyChallenge } from '../../../core/passkeys/relying-party.ts';
import { signInWithPasskey, startPasskeySignIn } from '../../../core/passkeys/sign-in-with-passkey.ts';
import { type Answer, json } from '../../kit/answer.ts';
import type { BetterAuthCall } from '../call.ts';
import { beginCeremony, endCeremony } from '../ceremony-cookies.ts';
import { endpoint } from '../endpoint.ts';
import { nullable, sessionSchema, statusSchema, time, userSchema } from '../schemas.ts';
import { keepTrust, trustToken, twoFactorAnswer } from '../two-factor-challenge.ts';
import { sessionWire, shownEmail, userWire } from '../wire.ts';

const tag = 'Passkey';

const passkeySchema = Type.Object(
  {
    id: Type.String(),
    name: nullable(Type.String()),
    publicKey: Type.String(),
    userId: Type.String(),
    credentialID: Type.String(),
    counter: Type.Number(),
    deviceType: Type.String(),
    backedUp: Type.Boolean(),
    transports: nullable(Type.String()),
    createdAt: time,
    aaguid: nullable(Type.String()),
  },
  { title: 'Passkey' },
);

const passkeyWire = (passkey: Passkey) => ({
  id: passkey.id,
  name: passkey.name,
  publicKey: Buffer.from(passkey.publicKey).toString('base64'),
  userId: passkey.userId,
  credentialID: passkey.credentialId,
  counter: passkey.counter,
  deviceType: passkey.deviceType,
  backedUp: passkey.backedUp,
  transports: passkey.transports.length === 0 ? null : passkey.transports.join(','),
  createdAt: isoTime(passkey.createdAt),
  aaguid: passkey.aaguid,
});

const descriptorSchema = Type.Object({
  id: Type.String(),
  type: Type.String(),
  transports: Type.Optional(Type.Array(Type.String())),
});

/** For `navigator.credentials.create` (WebAuthn §5.4), bytes in base64url. */
const creationOptions = Type.Object({
  challenge: Type.String(),
  rp: Type.Object({ id: Type.String(), name: Type.String() }),
  user: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
  pubKeyCredParams: Type.Array(Type.Object({ type: Type.String(), alg: Type.Number() })),
  timeout: Type.Number(),
  attestation: Type.String(),
  excludeCredentials: Type.Array(descriptorSchema),
  authenticatorSelection: Type.Object({
    residentKey: Type.String(),
    userVerification: Type.String(),
    requireResidentKey: Type.Boolean(),
    authenticatorAttachment: Type.Optional(Type.String()),
  }),
  extensions: Type.Object({ credProps: Type.Boolean() }),
  hints: Type.Array(Type.String()),
});

/** For `navigator.credentials.get` (WebAuthn §5.5), bytes in base64url. */
const requestOptions = Type.Object({
  rpId: Type.String(),
  challenge: Type.String(),
  timeout: Type.Number(),
  userVerification: Type.String(),
  allowCredentials: Type.Optional(Type.Array(descriptorSchema)),
});

const descriptor = ({ credentialId, transports }: Passkey) => ({
  id: credentialId,
  type: 'public-key',
  ...(transports.length > 0 && { transports }),
});

/** The browser keeps which challenges are its own. */
function setChallenge(call: BetterAuthCall, started: { readonly token: string; readonly challenge: string }): void {
  const seconds = call.ctx.surface.codes.passkeyCeremonySeconds;
  beginCeremony(call, 'better-auth-passkey', started.challenge, started.token, seconds);
}

const takeChallenge = (call: BetterAuthCall, response: unknown): string =>
  endCeremony(call, 'better-auth-passkey', ceremonyChallenge(response)) ??
  endCeremony(call, 'better-auth-passkey', null) ??
  '';

/** EdDSA, ES256, RS256. */
const algorithms = [-8, -7, -257].map((alg) => ({ alg, type: 'public-key' }));

export const generateRegisterOptions = endpoint('GET /passkey/generate-register-options', {
  needs: 'user',
  operationId: 'generatePasskeyRegistrationOptions',
  summary: 'Begin to make a passkey',
  tag,
  query: Type.Object({
    authenticatorAttachment: Type.Optional(Type.Union([Type.Literal('platform'), Type.Literal('cross-platform')])),
    name: Type.Optional(Type.String({ maxLength: 256 })),
    context: Type.Optional(Type.String()),
  }),
  replies: { 200: creationOptions },
  async handle(call, me) {
    const started = await startPasskeyRegistration(call.ctx, me);
    setChallenge(call, started);
    const email = shownEmail(me.live.user);
    const { authenticatorAttachment, name } = call.query;
    return json({
      challenge: started.challenge,
      rp: { name: call.ctx.project.displayName, id: started.rpId },
      user: { id: started.userHandle, name: name || email, displayName: name || email },
      pubKeyCredParams: algorithms,
      timeout: 60_000,
      attestation: 'none',
      excludeCredentials: started.existing.map(descriptor),
      authenticatorSelection: {
        residentKey: 'preferred',
        userVerification: 'preferred',
        requireResidentKey: false,
        ...(authenticatorAttachment && { authenticatorAttachment }),
      },
      extensions: { credProps: true },
      hints: [],
    });
  },
});

async function authenticateOptions(call: BetterAuthCall): Promise<Answer> {
  const started = await startPasskeySignIn(call.ctx, await call.actor());
  setChallenge(call, started);
  return json({
    rpId: started.rpId,
    challenge: started.challenge,
    timeout: 60_000,
    userVerification: 'preferred',
    ...(started.allowed.length > 0 && { allowCredentials: started.allowed.map(descriptor) }),
  });
}

/** POST in the seed era, GET since (spec §1.14). */
export const generateAuthenticateOptions = endpoint('GET /passkey/generate-authenticate-options', {
  needs: 'nobody',
  operationId: 'generatePasskeyAuthenticationOptions',
  summary: 'Begin to sign in with a passkey',
  tag,
  replies: { 200: requestOptions },
  handle: authenticateOptions,
});

export const postGenerateAuthenticateOptions = endpoint('POST /passkey/generate-authenticate-options', {
  needs: 'nobody',
  operationId: 'passkeyGenerateAuthenticateOptions',
  summary: 'Begin to sign in with a passkey',
  tag,
  bodyOptional: true,
  body: Type.Object({ email: Type.Optional(Type.String()) }),
  replies: { 200: requestOptions },
  handle: authenticateOptions,
});

const responseBody = Type.Record(Type.String(), Type.Unknown());

export const verifyRegistration = endpoint('POST /passkey/verify-registration', {
  needs: 'user',
  operationId: 'passkeyVerifyRegistration',
  summary: 'Keep the passkey that the browser made',
  tag,
  body: Type.Object({ response: responseBody, name: Type.Optional(Type.String()) }),
  replies: { 200: passkeySchema },
  async handle(call, me) {
    const { response, name } = call.body;
    return json(
      passkeyWire(
        await registerPasskey(call.ctx, me, { token: takeChallenge(call, response), response, name: name ?? null }),
      ),
    );
  },
});

export const verifyAuthentication = endpoint('POST /passkey/verify-authentication', {
  needs: 'nobody',
  operationId: 'passkeyVerifyAuthentication',
  summary: 'Sign in with what the authenticator signed',
  tag,
  body: Type.Object({ response: responseBody }),
  replies: {
    200: Type.Union([
      Type.Object({ session: sessionSchema, user: userSchema }),
      Type.Object({ twoFactorRedirect: Type.Literal(true), twoFactorMethods: Type.Array(Type.String()) }),
    ]),
  },
  async handle(call) {
    const admission = await signInWithPasskey(call.ctx, await call.newcomer(), {
      token: takeChallenge(call, call.body.response),
      response: call.body.response,
      trustToken: trustToken(call),
    });
    if (admission.kind === 'second_factor_required') return twoFactorAnswer(call, admission);
    const { live, token } = admission;
    call.sendSession(token, live.session);
    keepTrust(call, admission.deviceTrust);
    return json({
      session: sessionWire(live.session, token, call),
      user: userWire(live.user, call.settings),
    });
  },
});

export const listUserPasskeys = endpoint('GET /passkey/list-user-passkeys', {
  needs: 'user',
  operationId: 'listPasskeys',
  summary: "The user's passkeys",
  tag,
  replies: { 200: Type.Array(passkeySchema) },
  handle: async (call, me) => json((await listPasskeys(call.ctx, me)).map(passkeyWire)),
});

export const deletePasskey = endpoint('POST /passkey/delete-passkey', {
  needs: 'user',
  operationId: 'deletePasskey',
  summary: 'Take a passkey away; another way in must be left',
  tag,
  body: Type.Object({ id: Type.String() }),
  replies: { 200: statusSchema },
  async handle(call, me) {
    await removePasskey(call.ctx, me, call.body.id);
    return json({ status: true });
  },
});

export const updatePasskey = endpoint('POST /passkey/update-passkey', {
  needs: 'user',
  operationId: 'updatePasskey',
  summary: 'Give a passkey another name',
  tag,
  body: Type.Object({ id: Type.String(), name: Type.String() }),
  replies: { 200: Type.Object({ passkey: passkeySchema }) },
  async handle(call, me) {
    const { id, name } = call.body;
    return json({ passkey: passkeyWire(await renamePasskey(call.ctx, me, id, name)) });
  },
});
