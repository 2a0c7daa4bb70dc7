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
  dropbox: { trusted: true },
  facebook: { trusted: false },
  figma: { trusted: false },
  github: { trusted: true },
  gitlab: { trusted: true },
  google: { trusted: true },
  kick: { trusted: false },
  linkedin: { trusted: true },
  // Its e-mail claim is whatever the tenant's administrator typed.
  microsoft: { trusted: false },
  notion: { trusted: false },
  oidc: { trusted: false, issuerRequired: true },
  reddit: { trusted: false },
  roblox: { trusted: false },
  // Owners of a workspace give its members whatever address they like.
  slack: { trusted: false },
  spotify: { trusted: false },
  tiktok: { trusted: false },
  twitch: { trusted: true },
  twitter: { trusted: false },
  vk: { trusted: false },
  // Owners of an account give its members whatever address they like.
  zoom: { trusted: false },
};
