interface ProviderType {
  /** Default of `trusted`: the provider proves addresses itself and says so for each. */
  readonly trusted: boolean;
  readonly issuerRequired?: true;
  /** Settings from which the client secret is made when none is given. */
  readonly secretFrom?: readonly string[];
}

/** What configuration must know of a type. What the type does is in `providers/kinds/`. */
export const providerTypes: Readonly<Record<string, ProviderType>> = {
  apple: { trusted: true, secretFrom: ['teamId', 'keyId', 'privateKey'] },
  bitbucket: { trusted: true },
  discord: { trusted: true },
  facebook: { trusted: false },
  github: { trusted: true },
  gitlab: { trusted: true },
  google: { trusted: true },
  linkedin: { trusted: true },
  // Its e-mail claim is whatever the tenant's administrator typed.
  microsoft: { trusted: false },
  oidc: { trusted: false, issuerRequired: true },
  spotify: { trusted: false },
  twitch: { trusted: true },
  twitter: { trusted: false },
};
