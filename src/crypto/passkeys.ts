import type { Passkey, PasskeyVerifier } from '../core/passkeys/passkey.ts';

type Library = typeof import('@simplewebauthn/server');
type RegistrationResponse = Parameters<Library['verifyRegistrationResponse']>[0]['response'];
type SignInResponse = Parameters<Library['verifyAuthenticationResponse']>[0]['response'];

/**
 * WebAuthn ceremonies by @simplewebauthn/server. Attestation is not asked for: who made the authenticator is no
 * business of an identity server for everybody. The library takes 30 MB of memory, so it is loaded with the first
 * passkey.
 */
export function passkeyVerifier(): PasskeyVerifier {
  let loading: Promise<Library> | null = null;
  const library = (): Promise<Library> => {
    loading ??= import('@simplewebauthn/server');
    return loading;
  };

  return {
    async verifyRegistration({ response, challenge, origin, rpId }) {
      const { verifyRegistrationResponse } = await library();
      const result = await verifyRegistrationResponse({
        response: response as RegistrationResponse,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpId,
        requireUserVerification: false,
      }).catch(() => null); // the library throws for whatever a client got wrong
      if (!result?.verified) return null;
      const { credential, credentialDeviceType, credentialBackedUp, aaguid } = result.registrationInfo;
      return {
        credentialId: credential.id,
        publicKey: credential.publicKey,
        counter: credential.counter,
        deviceType: credentialDeviceType,
        backedUp: credentialBackedUp,
        transports: credential.transports ?? [],
        aaguid,
      };
    },

    async verifySignIn({ response, challenge, origin, rpId, passkey }) {
      const { verifyAuthenticationResponse } = await library();
      const result = await verifyAuthenticationResponse({
        response: response as SignInResponse,
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: rpId,
        credential: credentialOf(passkey),
        requireUserVerification: false,
      }).catch(() => null);
      if (!result?.verified) return null;
      return { counter: result.authenticationInfo.newCounter, userVerified: result.authenticationInfo.userVerified };
    },
  };
}

type Credential = Parameters<Library['verifyAuthenticationResponse']>[0]['credential'];

const credentialOf = (passkey: Passkey): Credential => ({
  id: passkey.credentialId,
  publicKey: new Uint8Array(passkey.publicKey),
  counter: passkey.counter,
});
