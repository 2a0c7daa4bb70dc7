import type { RefusalDetail } from '../../base/refusal.ts';
import type { Texts } from './texts.ts';
import { known, schemaError, text, type Wire, type WireError } from './wire-error.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Somebody is asked about themselves, and nobody is signed in. */
export const ownUserMissing = known(
  400,
  'CANNOT_GET_OWN_USER_WITHOUT_USER',
  "You have specified 'me' as a userId, but did not provide authentication for a user.",
);

export const userRequired = known(
  401,
  'USER_AUTHENTICATION_REQUIRED',
  'User authentication required for this endpoint.',
);

/** Keys, projects and tokens (spec §1.12, first table). */
export const requestErrors = {
  input_invalid: ({ field }) => schemaError(field ?? 'Request validation failed'),
  // A client asks about itself alone, so whoever it names is `me`.
  not_signed_in: ({ field }) => (field === 'me' || field === 'named' ? ownUserMissing : userRequired),
  access_level_missing,
  access_level_insufficient: ({ given = '', allowed = [] }, texts) =>
    known(401, 'INSUFFICIENT_ACCESS_TYPE', texts.insufficientAccessType(given, allowed), {
      actual_access_type: given,
      allowed_access_types: allowed,
    }),
  project_not_found: ({ given = '' }, texts) =>
    known(400, 'CURRENT_PROJECT_NOT_FOUND', texts.projectNotFound(given), { project_id: given }),
  branch_not_found: ({ given = '' }) =>
    known(400, 'BRANCH_DOES_NOT_EXIST', `The branch with ID ${given} does not exist.`, { branch_id: given }),
  project_key_missing,
  project_key_not_found: text(404, 'API key set not found'),
  internal_project_expected: known(401, 'EXPECTED_INTERNAL_PROJECT', 'The project ID is expected to be internal.'),
  config_rejected: ({ given }) => text(400, `This configuration cannot be applied: ${given}`),
  project_configured: text(400, 'This project is configured by the operator of the server and cannot be deleted here.'),
  project_key_rejected,
  admin_token_rejected,
  access_token_malformed: known(401, 'UNPARSABLE_ACCESS_TOKEN', 'Access token is not parsable.'),
  access_token_expired: ({ token }) => accessTokenExpired(token),
  access_token_wrong_project: ({ token, given = '' }) =>
    known(
      401,
      'INVALID_PROJECT_FOR_ACCESS_TOKEN',
      `Access token not valid for this project. Expected project ID "${given}", but the token is for project ID "${token?.projectId ?? ''}".`,
      { expected_project_id: given, actual_project_id: token?.projectId ?? '' },
    ),
  anonymous_not_accepted: known(
    401,
    'ANONYMOUS_AUTHENTICATION_NOT_ALLOWED',
    "X-Stack-Access-Token is for an anonymous user, but anonymous users are not enabled. Set the X-Stack-Allow-Anonymous-User header of this request to 'true' to allow anonymous users.",
  ),
  user_restricted: ({ given = 'restricted_by_administrator' }) =>
    known(
      403,
      'RESTRICTED_USER_NOT_ALLOWED',
      `The user in the access token is in restricted state. Reason: ${given}. Please pass the X-Stack-Allow-Restricted-User header if this is intended.`,
      { restricted_reason: { type: given } },
    ),
  session_expired: known(
    401,
    'REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED',
    'Refresh token not found for this project, or the session has expired/been revoked.',
  ),
  refresh_token_rejected: known(
    401,
    'REFRESH_TOKEN_NOT_FOUND_OR_EXPIRED',
    'Refresh token not found for this project, or the session has expired/been revoked.',
  ),
  cli_anonymous_rejected: text(400, 'Invalid anon refresh token'),
  cli_login_not_found: text(400, 'Invalid login code or the code has expired'),
  cli_no_anonymous_session: text(400, 'No anonymous session associated with this code'),
  polling_code_not_found: known(400, 'INVALID_POLLING_CODE', 'The polling code is invalid or does not exist.'),
  session_not_found: text(404, 'Session not found.'),
  session_is_current: known(400, 'CANNOT_DELETE_CURRENT_SESSION', 'Cannot delete the current session.'),
  // The SDK knows no error of this kind and stops at codes that it does not know: plain text.
  session_not_fresh: text(403, 'This change needs a recent sign-in. Sign in again and repeat it.'),
  impersonated_session: text(403, 'This cannot be done in a session that was opened by an administrator.'),
  csrf_failed: text(403, 'Forbidden'),
  self_only: text(403, 'Clients can only act on their own user.'),
  too_many_requests: text(429, 'Too many requests. Please try again later.'),
  temporarily_locked: text(429, 'Too many failed attempts. Please try again later.'),
  busy: text(429, 'The server is busy. Please try again later.'),
  unavailable: text(503, 'The server cannot answer at the moment. Please try again later.'),
  return_url_untrusted: ({ given }, texts) =>
    known(
      400,
      'REDIRECT_URL_NOT_WHITELISTED',
      texts.redirectUrl,
      texts.legacy ? undefined : { redirect_url: given ?? null },
    ),
} satisfies Record<string, WireError>;

function access_level_missing({ field, given = '' }: RefusalDetail, texts: Texts): Wire {
  switch (field) {
    case 'key_without_type':
      return known(400, 'PROJECT_KEY_WITHOUT_ACCESS_TYPE', texts.keyWithoutAccessType);
    case 'invalid_type':
      return known(400, 'INVALID_ACCESS_TYPE', texts.invalidAccessType(given));
    case 'no_project':
      return known(400, 'ACCESS_TYPE_WITHOUT_PROJECT_ID', texts.accessTypeWithoutProject(given), {
        request_type: given,
      });
    default:
      return known(400, 'ACCESS_TYPE_REQUIRED', texts.accessTypeRequired);
  }
}

function project_key_missing({ field, given = '' }: RefusalDetail): Wire {
  if (field === 'server') {
    return known(401, 'SERVER_AUTHENTICATION_REQUIRED', 'The secret server key must be provided.');
  }
  if (field === 'admin') {
    return known(401, 'ADMIN_AUTHENTICATION_REQUIRED', 'The super secret admin key must be provided.');
  }
  return known(
    401,
    'PUBLISHABLE_CLIENT_KEY_REQUIRED_FOR_PROJECT',
    'Publishable client keys are required for this project. Create one in Project Keys, or disable this requirement there to allow keyless client access.',
    { project_id: given },
  );
}

const rejectedKeys: Readonly<Record<string, readonly [code: string, name: string]>> = {
  publishable: ['INVALID_PUBLISHABLE_CLIENT_KEY', 'publishable key'],
  server: ['INVALID_SECRET_SERVER_KEY', 'secret server key'],
  admin: ['INVALID_SUPER_SECRET_ADMIN_KEY', 'super secret admin key'],
};

function project_key_rejected({ field = 'publishable', given = '' }: RefusalDetail): Wire {
  const [code, name] = rejectedKeys[field]!;
  const message = `The ${name} is not valid for the project "${given}". Does the project and/or the key exist?`;
  return known(401, code, message, { project_id: given });
}

function admin_token_rejected({ field, token }: RefusalDetail): Wire {
  if (field === 'expired') {
    const when = token ? ` (The access token expired at ${iso(token.expiredAt)}.)` : '';
    return known(
      401,
      'ADMIN_ACCESS_TOKEN_EXPIRED',
      `Admin access token has expired. Please refresh it and try again.${when}`,
      { expired_at_millis: token?.expiredAt ?? null },
    );
  }
  return field === 'not_admin'
    ? known(
        401,
        'ADMIN_ACCESS_TOKEN_IS_NOT_ADMIN',
        'Admin access token does not have the required permissions to access this project.',
      )
    : known(401, 'UNPARSABLE_ADMIN_ACCESS_TOKEN', 'Admin access token is not parsable.');
}

const expiredDebugInfo =
  "Debug info: Most likely, you fetched the access token before it expired (for example, in a server component, pre-rendered page, or on page load), but then didn't refresh it before it expired. If this is the case, and you're using the SDK, make sure you call getAccessToken() every time you need to use the access token. If you're not using the SDK, make sure you refresh the access token with the refresh endpoint.";

/** Also without a token at all, where an endpoint needs one to name a session. */
export function accessTokenExpired(token: RefusalDetail['token']): Wire {
  const facts = token
    ? ` (The access token expired at ${iso(token.expiredAt)}.) Project ID: ${token.projectId}. User ID: ${token.userId}. Refresh token ID: ${token.sessionId}.`
    : '';
  return known(
    401,
    'ACCESS_TOKEN_EXPIRED',
    `Access token has expired. Please refresh it and try again.${facts}\n\n${expiredDebugInfo}`,
    {
      expired_at_millis: token?.expiredAt ?? null,
      project_id: token?.projectId ?? null,
      user_id: token?.userId ?? null,
      refresh_token_id: token?.sessionId ?? null,
    },
  );
}
