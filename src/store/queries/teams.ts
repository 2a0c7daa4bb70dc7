import { type Selectable, sql } from 'kysely';
import type { Team, TeamMember, TeamReads, TeamWrites } from '../../core/orgs/team.ts';
import type { TeamMemberRow, TeamRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { touched } from './values.ts';

export function teamReads({ db, projectId }: ReadScope): TeamReads {
  const teams = () =>
    db
      .selectFrom('team as t')
      .selectAll('t')
      .select(memberCount.as('member_count'))
      .where('t.project_id', '=', projectId);
  const members = () => db.selectFrom('team_member').selectAll().where('project_id', '=', projectId);
  return {
    async find(id) {
      const row = await teams().where('t.id', '=', id).executeTakeFirst();
      return row ? teamFrom(row) : null;
    },

    listOf: async (organizationId) =>
      (await teams().where('t.organization_id', '=', organizationId).orderBy('t.id').execute()).map(teamFrom),

    async listOfUser(userId) {
      const rows = await teams()
        .innerJoin('team_member as tm', 'tm.team_id', 't.id')
        .where('tm.user_id', '=', userId)
        .orderBy('t.id')
        .execute();
      return rows.map(teamFrom);
    },

    async findMember(teamId, userId) {
      const row = await members().where('team_id', '=', teamId).where('user_id', '=', userId).executeTakeFirst();
      return row ? teamMemberFrom(row) : null;
    },

    listMembers: async (teamId) =>
      (await members().where('team_id', '=', teamId).orderBy('id').execute()).map(teamMemberFrom),
  };
}

export function teamWrites({ db, projectId }: WriteScope): TeamWrites {
  const leaving = () => db.deleteFrom('team_member').where('project_id', '=', projectId);
  const teamsOf = (organizationId: string) =>
    db
      .selectFrom('team')
      .select('id')
      .where('project_id', '=', projectId)
      .where('organization_id', '=', organizationId);
  return {
    async insert(team) {
      await db
        .insertInto('team')
        .values({
          project_id: projectId,
          id: team.id,
          organization_id: team.organizationId,
          name: team.name,
          created_at: team.createdAt,
          updated_at: team.updatedAt,
        })
        .execute();
    },

    async rename(id, name, now) {
      await db
        .updateTable('team')
        .set({ name, updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .execute();
    },

    async remove(id) {
      await leaving().where('team_id', '=', id).execute();
      await db.deleteFrom('team').where('project_id', '=', projectId).where('id', '=', id).execute();
    },

    async removeAllOf(organizationId) {
      await leaving().where('team_id', 'in', teamsOf(organizationId)).execute();
      await db
        .deleteFrom('team')
        .where('project_id', '=', projectId)
        .where('organization_id', '=', organizationId)
        .execute();
    },

    async addMember(member) {
      await db
        .insertInto('team_member')
        .values({
          project_id: projectId,
          id: member.id,
          team_id: member.teamId,
          user_id: member.userId,
          created_at: member.createdAt,
          updated_at: member.createdAt,
        })
        .onConflict((known) => known.columns(['team_id', 'user_id']).doNothing())
        .execute();
    },

    removeMember: async (teamId, userId) =>
      touched(await leaving().where('team_id', '=', teamId).where('user_id', '=', userId).executeTakeFirst()) === 1,

    async removeFromAll(organizationId, userId) {
      await leaving().where('user_id', '=', userId).where('team_id', 'in', teamsOf(organizationId)).execute();
    },
  };
}

const memberCount = sql<number>`(select count(*) from team_member m where m.team_id = t.id)`;

const teamFrom = (row: Selectable<TeamRow> & { readonly member_count: number | string }): Team => ({
  id: row.id,
  organizationId: row.organization_id,
  name: row.name,
  memberCount: Number(row.member_count),
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const teamMemberFrom = (row: Selectable<TeamMemberRow>): TeamMember => ({
  id: row.id,
  teamId: row.team_id,
  userId: row.user_id,
  createdAt: row.created_at,
});
