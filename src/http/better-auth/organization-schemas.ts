import { Type } from 'typebox';
import { nullable, time } from './schemas.ts';

const organizationFacts = {
  id: Type.String(),
  name: Type.String(),
  slug: Type.String(),
  logo: nullable(Type.String()),
  createdAt: time,
};

export const metadataInput = Type.Record(Type.String(), Type.Unknown());

export const organizationSchema = Type.Object(
  { ...organizationFacts, metadata: nullable(Type.String({ description: 'JSON text' })) },
  { title: 'Organization' },
);

export const writtenOrganizationSchema = Type.Object(
  { ...organizationFacts, metadata: nullable(metadataInput) },
  { title: 'Organization, as written' },
);

export const memberSchema = Type.Object(
  {
    id: Type.String(),
    organizationId: Type.String(),
    userId: Type.String(),
    role: Type.String({ description: 'Several roles with commas between' }),
    createdAt: time,
    user: Type.Object({
      id: Type.String(),
      name: Type.String(),
      email: Type.String(),
      image: nullable(Type.String()),
    }),
  },
  { title: 'Member' },
);

const invitationFacts = {
  id: Type.String(),
  organizationId: Type.String(),
  email: Type.String(),
  role: Type.String(),
  status: Type.Union([
    Type.Literal('pending'),
    Type.Literal('accepted'),
    Type.Literal('rejected'),
    Type.Literal('canceled'),
  ]),
  expiresAt: time,
  createdAt: time,
  inviterId: nullable(Type.String()),
  teamId: nullable(Type.String()),
};

export const invitationSchema = Type.Object(invitationFacts, { title: 'Invitation' });

export const ownInvitationSchema = Type.Object(
  { ...invitationFacts, organizationName: Type.String() },
  { title: 'Invitation with organization' },
);

export const shownInvitationSchema = Type.Object(
  {
    ...invitationFacts,
    organizationName: Type.String(),
    organizationSlug: Type.String(),
    inviterEmail: Type.String(),
  },
  { title: 'Invitation as its recipient sees it' },
);

export const teamSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    organizationId: Type.String(),
    memberCount: Type.Integer(),
    createdAt: time,
    updatedAt: time,
  },
  { title: 'Team' },
);

export const teamMemberSchema = Type.Object(
  { id: Type.String(), teamId: Type.String(), userId: Type.String(), createdAt: time },
  { title: 'Team member' },
);

export const fullOrganizationSchema = Type.Object(
  {
    ...organizationFacts,
    metadata: nullable(Type.String()),
    members: Type.Array(memberSchema),
    invitations: Type.Array(invitationSchema),
    teams: Type.Optional(Type.Array(teamSchema)),
  },
  { title: 'Full organization' },
);

export const statementsSchema = Type.Record(Type.String(), Type.Array(Type.String()));

export const roleSchema = Type.Object(
  {
    id: Type.String(),
    organizationId: Type.String(),
    role: Type.String(),
    permission: statementsSchema,
    createdAt: time,
    updatedAt: time,
  },
  { title: 'Role' },
);

/** Absent: the organization that is active in the session. */
export const organizationId = Type.Optional(Type.String());
export const rolesInput = Type.Union([Type.String(), Type.Array(Type.String())]);
