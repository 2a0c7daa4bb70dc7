import { isoTime } from '../../base/clock.ts';
import { placeholderDomain } from '../../base/email-form.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Invitation } from '../../core/orgs/invitation.ts';
import type { Member } from '../../core/orgs/membership.ts';
import type { Organization } from '../../core/orgs/organization.ts';
import type { FullOrganization } from '../../core/orgs/read-organization.ts';
import { memberRole, type OrganizationRole } from '../../core/orgs/role.ts';
import type { Team, TeamMember } from '../../core/orgs/team.ts';
import { statementsOf } from './permissions.ts';
import type { BetterAuthSettings } from './settings.ts';
import { imageOf } from './wire.ts';

type FilesAt = Pick<BetterAuthSettings, 'filesUrl'>;

const facts = (organization: Organization, settings: FilesAt) => ({
  id: organization.id,
  name: organization.name,
  slug: organization.slug,
  logo: imageOf(organization, settings),
  createdAt: isoTime(organization.createdAt),
});

/** Other dialects also keep what is no object: this wire has no place for it. */
const metadataOf = ({ metadataClient: kept }: Organization): JsonObject | null =>
  typeof kept === 'object' && !Array.isArray(kept) ? kept : null;

/** Metadata as JSON text: lists and single reads (spec §1.5). */
export const organizationWire = (organization: Organization, settings: FilesAt) => {
  const metadata = metadataOf(organization);
  return { ...facts(organization, settings), metadata: metadata && JSON.stringify(metadata) };
};

/** Metadata as an object: what was just written. */
export const writtenOrganizationWire = (organization: Organization, settings: FilesAt) => ({
  ...facts(organization, settings),
  metadata: metadataOf(organization),
});

export const fullOrganizationWire = (
  { organization, members, invitations, teams }: FullOrganization,
  settings: FilesAt,
) => ({
  ...organizationWire(organization, settings),
  members: members.map((member) => memberWire(member, settings)),
  invitations: invitations.map(invitationWire),
  ...(teams && { teams: teams.map(teamWire) }),
});

const joined = (roles: readonly string[]): string => roles.join(',') || memberRole;

export const memberWire = (member: Member, settings: FilesAt) => ({
  id: member.id,
  organizationId: member.organizationId,
  userId: member.userId,
  role: rolesOfMember(member),
  createdAt: isoTime(member.createdAt),
  user: {
    id: member.userId,
    name: member.person.displayName ?? '',
    email: memberEmail(member),
    image: imageOf(member.person, settings),
  },
});

export const rolesOfMember = ({ roles }: Member): string => joined(roles);

export const memberEmail = ({ person, userId }: Member): string => person.email ?? `${userId}@${placeholderDomain}`;

export const invitationWire = (invitation: Invitation) => ({
  id: invitation.id,
  organizationId: invitation.organizationId,
  email: invitation.address,
  role: joined(invitation.roles.map(({ key }) => key)),
  status: invitation.state,
  expiresAt: isoTime(invitation.expiresAt),
  createdAt: isoTime(invitation.createdAt),
  inviterId: invitation.inviterId,
  teamId: invitation.teamIds.join(',') || null,
});

export const teamWire = (team: Team) => ({
  id: team.id,
  name: team.name,
  organizationId: team.organizationId,
  memberCount: team.memberCount,
  createdAt: isoTime(team.createdAt),
  updatedAt: isoTime(team.updatedAt),
});

export const teamMemberWire = (member: TeamMember) => ({
  id: member.id,
  teamId: member.teamId,
  userId: member.userId,
  createdAt: isoTime(member.createdAt),
});

export const roleWire = (role: OrganizationRole) => ({
  id: role.id,
  organizationId: role.organizationId,
  role: role.key,
  permission: statementsOf(role.permissions),
  createdAt: isoTime(role.createdAt),
  updatedAt: isoTime(role.updatedAt),
});

/** Roles come as a list, as text with commas, or both at once: parted before anything looks at them (spec §5). */
export const rolesOf = (given: string | readonly string[]): readonly string[] =>
  (typeof given === 'string' ? [given] : given)
    .flatMap((text) => text.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
