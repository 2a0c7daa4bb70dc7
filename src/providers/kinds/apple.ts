import { importPKCS8, SignJWT } from 'jose';
import type { ProviderConfig } from '../../base/configuration.ts';
import { joined, object, profileOf, text, yes } from '../profile-fields.ts';
import type { ProviderKind } from '../provider-kind.ts';

const issuer = 'https://appleid.apple.com';

/** Apple's client secret is a JWT signed with the team's key. A minute or two is long enough for one request. */
async function clientSecret(config: ProviderConfig, now: number): Promise<string> {
  const { teamId, keyId, privateKey } = config.settings;
  if (config.clientSecret !== null) return config.clientSecret;
  if (!teamId || !keyId || !privateKey) throw new Error(`provider ${config.key}: teamId, keyId or privateKey missing`);
  const issuedAt = Math.floor(now / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: 'ES256', kid: keyId })
    .setIssuer(teamId)
    .setSubject(config.clientIds[0]!)
    .setAudience(issuer)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 300)
    .sign(await importPKCS8(privateKey.replaceAll('\\n', '\n'), 'ES256'));
}

export const apple: ProviderKind = {
  displayName: 'Apple',
  scopes: ['email', 'name'],
  server: () => ({
    issuer,
    authorization_endpoint: 'https://appleid.apple.com/auth/authorize',
    token_endpoint: 'https://appleid.apple.com/auth/token',
    jwks_uri: 'https://appleid.apple.com/auth/keys',
  }),
  pkce: false,
  idToken: {},
  nonce: true,
  checksIssuer: false,
  clientAuth: 'post',
  clientSecret,
  // Apple answers with a form whenever name or e-mail is asked for.
  parameters: () => ({ response_mode: 'form_post' }),
  async profile({ claims, userHint }) {
    const raw = claims ?? {};
    const name = object(userHint?.name);
    return profileOf({
      subject: raw.sub,
      email: raw.email,
      emailVerified: yes(raw.email_verified),
      // Sent once, by the browser, at the first consent.
      name: joined(name.firstName, name.lastName) ?? text(raw.name),
      raw,
    });
  },
};
