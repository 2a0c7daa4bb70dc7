import { known, schemaError, text, type WireError } from './wire-error.ts';

const keyNotFound = known(404, 'API_KEY_NOT_FOUND', 'API key not found.');
const notBuilt = text(400, 'This is not available here.');

/** Teams, permissions, API keys (spec §1.12, fourth table). */
export const teamErrors = {
  permission_denied: ({ field = '', given = '' }) =>
    known(401, 'PROJECT_PERMISSION_REQUIRED', `User ${given} does not have permission ${field}.`, {
      user_id: given,
      permission_id: field,
    }),
  role_not_found: ({ field = '' }) =>
    known(404, 'PERMISSION_NOT_FOUND', `Permission "${field}" not found. Make sure you created it on the dashboard.`, {
      permission_id: field,
    }),
  role_not_grantable: text(401, 'The permission cannot be granted.'),
  permission_unknown: notBuilt,
  role_key_taken: ({ field = '' }) =>
    known(400, 'PERMISSION_ID_ALREADY_EXISTS', `Permission with ID "${field}" already exists. Choose a different ID.`, {
      permission_id: field,
    }),
  role_built_in: text(400, 'System permissions cannot be changed.'),
  role_held: text(400, 'The permission is still granted.'),
  role_limit_reached: text(400, 'The project has too many permissions.'),
  dynamic_roles_disabled: notBuilt,
  impersonation_forbidden: text(403, 'This user cannot be impersonated.'),
  not_impersonating: text(400, 'The session is not an impersonation.'),
  organization_creation_disabled: text(403, 'Client team creation is disabled for this project'),
  organization_limit_reached: text(403, 'The user belongs to too many teams.'),
  slug_taken: text(400, 'The team already exists.'),
  organization_deletion_disabled: text(403, 'Teams cannot be deleted in this project.'),
  organization_not_found: ({ given = '' }) =>
    known(404, 'TEAM_NOT_FOUND', `Team ${given} not found.`, { team_id: given }),
  organization_required: schemaError('team_id must be defined'),
  not_a_member: ({ given = '', field = '' }) =>
    known(404, 'TEAM_MEMBERSHIP_NOT_FOUND', `User ${field} is not found in team ${given}.`, {
      team_id: given,
      user_id: field,
    }),
  organization_permission_denied: text(401, 'The team permission is missing.'),
  member_not_found: ({ given = '', field = '' }) =>
    known(404, 'TEAM_MEMBERSHIP_NOT_FOUND', `User ${field} is not found in team ${given}.`, {
      team_id: given,
      user_id: field,
    }),
  organization_needs_owner: text(403, 'A team with other members needs an administrator.'),
  already_a_member: known(409, 'TEAM_MEMBERSHIP_ALREADY_EXISTS', 'Team membership already exists.'),
  membership_limit_reached: text(403, 'The team has too many members.'),
  already_invited: text(400, 'The address is already invited.'),
  invitation_limit_reached: text(403, 'The team has too many open invitations.'),
  invitation_not_found: known(
    404,
    'VERIFICATION_CODE_NOT_FOUND',
    'The verification code does not exist for this project.',
  ),
  invitation_not_yours: known(
    403,
    'TEAM_INVITATION_EMAIL_MISMATCH',
    'This team invitation was sent to a different email address. Sign in with the invited email, or add and verify that email on your account, then try again.',
  ),
  invitation_needs_verified_email: known(
    403,
    'TEAM_INVITATION_EMAIL_MISMATCH',
    'This team invitation was sent to a different email address. Sign in with the invited email, or add and verify that email on your account, then try again.',
  ),
  inviter_left: text(400, 'The inviter is no longer a member of the team.'),
  teams_disabled: notBuilt,
  team_not_found: notBuilt,
  team_required: notBuilt,
  not_a_team_member: notBuilt,
  team_is_last: notBuilt,
  team_is_active: notBuilt,
  api_keys_disabled: text(400, 'User API keys are not enabled for this project.'),
  api_key_not_found: keyNotFound,
  api_key_setting_invalid: ({ field }) => schemaError(field ?? 'The API key setting is not valid'),
  api_key_server_only: ({ field }) => schemaError(`body contains unknown properties: ${field ?? ''}`),
  api_key_rejected: keyNotFound,
  api_key_disabled: known(401, 'API_KEY_REVOKED', 'API key has been revoked.'),
  api_key_expired: known(401, 'API_KEY_EXPIRED', 'API key has expired.'),
  api_key_exhausted: text(429, 'The API key has been used up.'),
  api_key_rate_limited: text(429, 'The API key is used too often. Please try again later.'),
  api_key_cannot_act: keyNotFound,
} satisfies Record<string, WireError>;
