import type { RefusalDetail } from '../../base/refusal.ts';
import type { KeyOwner } from '../../core/keys/api-key.ts';
import type { GrantScope } from '../../core/permissions/grant-graph.ts';
import { requestErrors } from './request-errors.ts';
import { userErrors } from './user-errors.ts';
import { type KnownError, known, schemaError, text, type WireError } from './wire-error.ts';

export const keyNotFound = known(404, 'API_KEY_NOT_FOUND', 'API key not found.');
const notBuilt = text(400, 'This is not available here.');

export const keyRevoked = known(401, 'API_KEY_REVOKED', 'API key has been revoked.');

/** `me`, or whoever is meant by saying nobody, without anybody being signed in. */
export const namesNobody: WireError = () => requestErrors.not_signed_in({ field: 'me' });

/** People who are not full users yet do not join teams (spec §2.12). */
export const restrictedInvited: WireError = ({ given = 'anonymous' }) =>
  known(
    403,
    'TEAM_INVITATION_RESTRICTED_USER_NOT_ALLOWED',
    `Restricted users cannot accept team invitations. Reason: ${given}. Please complete the onboarding process before accepting team invitations.`,
    { restricted_reason: { type: given } },
  );

/** Rights of ours under the names the original checks (spec §3.12). */
const publicNames: Readonly<Record<string, string>> = {
  'org.update': '$update_team',
  'org.delete': '$delete_team',
  'members.read': '$read_members',
  'members.remove': '$remove_members',
  'invitations.cancel': '$remove_members',
  'invitations.create': '$invite_members',
  'invitations.read': '$invite_members',
  'keys.manage': '$manage_api_keys',
};
const scopes = { organization: 'team', project: 'project' } as const satisfies Record<GrantScope, string>;
const keyTypes = { person: 'user', organization: 'team' } as const satisfies Record<KeyOwner, string>;

const notFoundWords = (id: string): string =>
  `Permission "${id}" not found. Make sure you created it on the dashboard.`;

function wrongScope(id: string, actual: 'team' | 'project'): KnownError {
  const expected = actual === 'team' ? 'project' : 'team';
  return known(
    404,
    'WRONG_PERMISSION_SCOPE',
    `Permission "${id}" not found. (It was found for a different scope "${actual}", but scope "${expected}" was expected.)`,
    { permission_id: id, expected_scope: expected, actual_scope: actual },
  );
}

const lacks = (code: string, team: string, user: string, permission: string): KnownError =>
  known(401, code, `User ${user} does not have permission ${permission} in team ${team}.`, {
    team_id: team,
    user_id: user,
    permission_id: permission,
  });

const notInTeam = ({ organizationId = '', userId = '' }: RefusalDetail): KnownError =>
  known(404, 'TEAM_MEMBERSHIP_NOT_FOUND', `User ${userId} is not found in team ${organizationId}.`, {
    team_id: organizationId,
    user_id: userId,
  });

/** Teams, permissions, API keys (spec §1.12, fourth table). */
export const teamErrors = {
  permission_denied: ({ field = '', given = '' }) =>
    known(401, 'PROJECT_PERMISSION_REQUIRED', `User ${given} does not have permission ${field}.`, {
      user_id: given,
      permission_id: field,
    }),
  role_not_found: ({ field = '', given }) =>
    given === undefined
      ? known(404, 'PERMISSION_NOT_FOUND', notFoundWords(field), { permission_id: field })
      : wrongScope(field, scopes[given as GrantScope]),
  role_not_grantable: text(401, 'The permission cannot be granted.'),
  permission_unknown: ({ field = '' }) =>
    known(
      400,
      'CONTAINED_PERMISSION_NOT_FOUND',
      `Contained permission with ID "${field}" not found. Make sure you created it on the dashboard.`,
      {
        permission_id: field,
      },
    ),
  permission_not_granted: ({ field = '', userId = '', organizationId }) =>
    organizationId === undefined
      ? known(404, 'PERMISSION_NOT_FOUND', notFoundWords(field), { permission_id: field })
      : lacks('TEAM_PERMISSION_NOT_FOUND', organizationId, userId, field),
  role_key_taken: ({ field = '' }) =>
    known(400, 'PERMISSION_ID_ALREADY_EXISTS', `Permission with ID "${field}" already exists. Choose a different ID.`, {
      permission_id: field,
    }),
  role_built_in: text(400, 'System permissions cannot be changed.'),
  role_held: text(
    400,
    'The operator of the server says in the configuration file that people start with this permission. Take it out there first.',
  ),
  role_limit_reached: text(400, 'The project has too many permissions.'),
  dynamic_roles_disabled: notBuilt,
  impersonation_forbidden: text(403, 'This user cannot be impersonated.'),
  not_impersonating: text(400, 'The session is not an impersonation.'),
  organization_creation_disabled: text(403, 'Client team creation is disabled for this project'),
  organization_limit_reached: text(403, 'The user belongs to too many teams.'),
  slug_taken: text(400, 'The team already exists.'),
  organization_deletion_disabled: text(403, 'Teams cannot be deleted in this project.'),
  // A person learns no more of a team that is not there than of one they are not in.
  organization_not_found: ({ organizationId = '', userId }) =>
    userId !== undefined
      ? notInTeam({ organizationId, userId })
      : known(404, 'TEAM_NOT_FOUND', `Team ${organizationId} not found.`, { team_id: organizationId }),
  organization_required: schemaError('team_id must be defined'),
  not_a_member: notInTeam,
  organization_permission_denied: ({ organizationId = '', userId = '', permission = '' }) =>
    lacks('TEAM_PERMISSION_REQUIRED', organizationId, userId, publicNames[permission] ?? permission),
  member_not_found: notInTeam,
  organization_needs_owner: text(403, 'A team with other members needs an administrator.'),
  already_a_member: known(409, 'TEAM_MEMBERSHIP_ALREADY_EXISTS', 'Team membership already exists.'),
  membership_limit_reached: text(403, 'The team has too many members.'),
  already_invited: text(400, 'The address is already invited.'),
  invitation_limit_reached: text(403, 'The team has too many open invitations.'),
  // Who has the code is told what became of it.
  invitation_not_found: ({ field }) =>
    field === 'used' ? userErrors.code_used : field === 'expired' ? userErrors.code_expired : userErrors.code_not_found,
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
  api_keys_disabled: ({ field }) =>
    text(400, `${field === 'organization' ? 'Team' : 'User'} API keys are not enabled for this project.`),
  api_key_not_found: keyNotFound,
  api_key_setting_invalid: ({ field }) => schemaError(field ?? 'The API key setting is not valid'),
  api_key_server_only: ({ field }) => schemaError(`body contains unknown properties: ${field ?? ''}`),
  api_key_rejected: keyNotFound,
  api_key_disabled: keyRevoked,
  api_key_expired: known(401, 'API_KEY_EXPIRED', 'API key has expired.'),
  api_key_exhausted: text(429, 'The API key has been used up.'),
  api_key_rate_limited: text(429, 'The API key is used too often. Please try again later.'),
  api_key_cannot_act: keyNotFound,
  api_key_wrong_owner: ({ field, given }) => {
    const [expected, actual] = [keyTypes[field as KeyOwner], keyTypes[given as KeyOwner]];
    return known(
      400,
      'WRONG_API_KEY_TYPE',
      `This endpoint is for ${expected} API keys, but a ${actual} API key was provided.`,
      { expected_type: expected, actual_type: actual },
    );
  },
  api_key_public: known(
    400,
    'PUBLIC_API_KEY_CANNOT_BE_REVOKED',
    'Public API keys cannot be revoked by the secretscanner endpoint.',
  ),
} satisfies Record<string, WireError>;
