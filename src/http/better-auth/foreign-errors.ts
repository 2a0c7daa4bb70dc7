import type { WireError } from './errors.ts';

const badRequest: WireError = { status: 400, code: 'BAD_REQUEST', message: 'Bad request' };
const unauthorized: WireError = { status: 401, code: 'UNAUTHORIZED', message: 'Unauthorized' };

/** Refusals of what only other dialects offer (core map §4). They have an answer here, should core ever raise one. */
export const foreignErrors = {
  session_is_current: badRequest,
  second_factor_required: unauthorized,
  password_unchanged: badRequest,
  bio_invalid: badRequest,
  flow_in_progress: badRequest,
  sign_up_continuation_lost: unauthorized,
  sign_up_other_browser: unauthorized,
  identity_of_provider_exists: badRequest,
  refresh_token_rejected: unauthorized,
  access_token_malformed: unauthorized,
  access_token_expired: unauthorized,
  access_token_wrong_project: unauthorized,
  project_not_found: badRequest,
  branch_not_found: badRequest,
  access_level_missing: unauthorized,
  access_level_insufficient: unauthorized,
  project_key_missing: unauthorized,
  project_key_not_found: badRequest,
  internal_project_expected: badRequest,
  project_configured: badRequest,
  project_key_rejected: unauthorized,
  admin_token_rejected: unauthorized,
  image_not_set: badRequest,
  image_unreadable: badRequest,
  file_too_large: badRequest,
  file_type_refused: badRequest,
  self_only: { status: 403, code: 'FORBIDDEN', message: 'Forbidden' },
} as const satisfies Record<string, WireError>;
