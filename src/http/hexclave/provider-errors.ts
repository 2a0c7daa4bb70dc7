import type { RefusalDetail } from '../../base/refusal.ts';
import type { Texts } from './texts.ts';
import { known, text, type Wire, type WireError } from './wire-error.ts';

function deniedToken({ field, given = '' }: RefusalDetail, { product }: Texts): Wire {
  if (field === 'shared') {
    return known(
      400,
      'OAUTH_ACCESS_TOKEN_NOT_AVAILABLE_WITH_SHARED_OAUTH_KEYS',
      `Access tokens are not available with shared OAuth keys. Please add your own OAuth keys on the ${product} dashboard to use access tokens.`,
    );
  }
  const details = 'The provider gave none. The user may have to connect the account again.';
  return known(
    400,
    'OAUTH_ACCESS_TOKEN_NOT_AVAILABLE',
    `Failed to retrieve an OAuth access token for the connected account (provider: ${given}). ${details}`,
    { provider: given, details },
  );
}

const invalidGrant = text(400, 'Inner OAuth callback failed due to invalid grant. Please try again.');

/** What keeps a browser that is back from a provider from going on (spec §3.5 steps 1 to 4). */
function flow_not_found({ field }: RefusalDetail): Wire {
  switch (field) {
    case 'expired':
      return known(408, 'OUTER_OAUTH_TIMEOUT', 'The OAuth flow has timed out. Please sign in again.');
    case 'browser':
      return text(
        400,
        'Inner OAuth cookie not found. This is likely because you refreshed the page during the OAuth sign in process. Please try signing in again',
      );
    case 'session':
      return known(401, 'USER_AUTHENTICATION_REQUIRED', 'User authentication required for this endpoint.');
    case 'state':
    case 'flow':
      return text(400, 'Invalid OAuth state. Please try signing in again.');
    default:
      return invalidGrant;
  }
}

/** Where the address is the provider's word about somebody (spec §3.6). */
export const channelTaken = ({ given, holderUnverified = false }: RefusalDetail): Wire =>
  known(
    409,
    'CONTACT_CHANNEL_ALREADY_USED_FOR_AUTH_BY_SOMEONE_ELSE',
    `This email "(${given ?? ''})" is already used for authentication by another account${
      holderUnverified
        ? ' but the email is not verified. Please login to your existing account with the method you used to sign up, and then verify your email to sign in with this login method.'
        : '.'
    }`,
    { type: 'email', contact_channel_value: given ?? null, would_work_if_email_was_verified: holderUnverified },
  );

/** Sign-in by a provider and connected accounts (spec §1.12, third table). */
export const providerErrors = {
  provider_not_found: known(
    400,
    'OAUTH_PROVIDER_NOT_FOUND_OR_NOT_ENABLED',
    'The OAuth provider is not found or not enabled.',
  ),
  provider_scope_missing: known(
    400,
    'OAUTH_CONNECTION_DOES_NOT_HAVE_REQUIRED_SCOPE',
    'The OAuth connection does not have the required scope.',
  ),
  client_rejected: ({ given }) =>
    known(
      400,
      'INVALID_OAUTH_CLIENT_ID_OR_SECRET',
      'The OAuth client ID or secret is invalid. The client ID must be equal to the project ID (potentially with a hash and a branch ID), and the client secret must be a publishable client key.',
      { client_id: given ?? null },
    ),
  grant_rejected: known(400, 'INVALID_AUTHORIZATION_CODE', 'The given authorization code is invalid.'),
  redirect_uri_rejected: text(
    400,
    'Invalid redirect URI. Your redirect URI must be the same as the one used to get the authorization code.',
  ),
  provider_scope_refused: ({ field, given = '' }, { product }) =>
    field !== 'shared'
      ? known(400, 'INVALID_SCOPE', `The scope "${given}" is not a valid OAuth scope for ${product}.`)
      : known(
          400,
          'OAUTH_EXTRA_SCOPE_NOT_AVAILABLE_WITH_SHARED_OAUTH_KEYS',
          `Extra scopes are not available with shared OAuth keys. Please add your own OAuth keys on the ${product} dashboard to use extra scopes.`,
        ),
  flow_in_progress: text(400, 'The sign-up is being completed. Please try again.'),
  sign_up_continuation_lost: text(400, 'The sign-up took too long. Please try again.'),
  sign_up_other_browser: text(400, 'The sign-up was started in another browser. Please try again.'),
  identity_of_provider_exists: ({ field }) =>
    text(
      400,
      field === 'sign_in'
        ? 'The same provider type with sign-in enabled already exists for this user.'
        : 'The same provider type with the same account ID already exists for this user.',
    ),
  provider_denied: known(400, 'OAUTH_PROVIDER_ACCESS_DENIED', 'The OAuth provider denied access to the user.'),
  provider_unavailable: (_detail, { legacy }) =>
    known(
      503,
      'OAUTH_PROVIDER_TEMPORARILY_UNAVAILABLE',
      `The OAuth provider is temporarily unavailable. Please try ${legacy ? 'signing in again' : 'again later'}.`,
    ),
  provider_code_rejected: invalidGrant,
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
  flow_not_found,
  identity_taken: known(
    409,
    'OAUTH_CONNECTION_ALREADY_CONNECTED_TO_ANOTHER_USER',
    'The OAuth connection is already connected to another user.',
  ),
  identity_not_found: ({ given = '', userId = '' }) =>
    text(404, `OAuth provider ${given} for user ${userId} not found`),
  identity_last_method: text(400, 'The last way to sign in cannot be removed.'),
  identity_address_differs: text(400, 'The e-mail address of the OAuth account differs.'),
  identity_not_linkable: channelTaken,
} satisfies Record<string, WireError>;
