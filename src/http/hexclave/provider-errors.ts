import { known, text, type WireError } from './wire-error.ts';

const deniedToken = ({ given = '' }: { given?: string }) =>
  known(
    400,
    'OAUTH_ACCESS_TOKEN_NOT_AVAILABLE',
    `Failed to retrieve an OAuth access token for the connected account (provider: ${given}). The provider gave none.`,
    { provider: given, details: 'The provider gave none.' },
  );

/** Sign-in by a provider and connected accounts (spec §1.12, third table). */
export const providerErrors = {
  provider_not_found: known(
    400,
    'OAUTH_PROVIDER_NOT_FOUND_OR_NOT_ENABLED',
    'The OAuth provider is not found or not enabled.',
  ),
  provider_scope_refused: (_detail, { product }) =>
    known(
      400,
      'OAUTH_EXTRA_SCOPE_NOT_AVAILABLE_WITH_SHARED_OAUTH_KEYS',
      `Extra scopes are not available with shared OAuth keys. Please add your own OAuth keys on the ${product} dashboard to use extra scopes.`,
    ),
  provider_denied: known(400, 'OAUTH_PROVIDER_ACCESS_DENIED', 'The OAuth provider denied access to the user.'),
  provider_unavailable: (_detail, { legacy }) =>
    known(
      503,
      'OAUTH_PROVIDER_TEMPORARILY_UNAVAILABLE',
      `The OAuth provider is temporarily unavailable. Please try ${legacy ? 'signing in again' : 'again later'}.`,
    ),
  provider_code_rejected: text(400, 'Inner OAuth callback failed due to invalid grant. Please try again.'),
  provider_profile_unusable: text(400, 'The OAuth provider did not say who the user is. Please try again.'),
  provider_email_missing: text(400, 'The OAuth provider did not give an e-mail address.'),
  provider_email_unverified: text(400, 'The OAuth provider did not verify the e-mail address.'),
  provider_token_rejected: known(
    400,
    'INVALID_APPLE_CREDENTIALS',
    'The Apple Sign In credentials could not be verified. Please try signing in again.',
  ),
  provider_token_unavailable: deniedToken,
  provider_refresh_unsupported: deniedToken,
  provider_rejected_refresh: known(
    401,
    'PROVIDER_REJECTED',
    'The provider refused to refresh their token. This usually means that the provider used to authenticate the user no longer regards this session as valid, and the user must re-authenticate.',
  ),
  flow_not_found: text(400, 'Invalid OAuth state. Please try signing in again.'),
  identity_taken: known(
    409,
    'OAUTH_CONNECTION_ALREADY_CONNECTED_TO_ANOTHER_USER',
    'The OAuth connection is already connected to another user.',
  ),
  identity_not_found: text(404, 'OAuth provider not found'),
  identity_last_method: text(400, 'The last way to sign in cannot be removed.'),
  identity_address_differs: text(400, 'The e-mail address of the OAuth account differs.'),
  identity_not_linkable: known(
    409,
    'CONTACT_CHANNEL_ALREADY_USED_FOR_AUTH_BY_SOMEONE_ELSE',
    'This email "()" is already used for authentication by another account.',
    { type: 'email', contact_channel_value: null, would_work_if_email_was_verified: false },
  ),
} satisfies Record<string, WireError>;
