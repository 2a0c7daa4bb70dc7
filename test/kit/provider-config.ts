import type { ProviderConfig } from '../../src/base/configuration.ts';

export const providerConfig = (change: Partial<ProviderConfig> = {}): ProviderConfig => ({
  key: 'corp',
  type: 'oidc',
  displayName: null,
  clientIds: ['latchkey'],
  clientSecret: 'secret-of-latchkey',
  issuer: null,
  scopes: [],
  trusted: true,
  signUp: true,
  implicitSignUp: true,
  allowSignIn: true,
  allowConnect: true,
  requireVerifiedEmail: false,
  refreshProfile: false,
  settings: {},
  ...change,
});
