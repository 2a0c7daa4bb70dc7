import type { Selectable } from 'kysely';
import type { Id } from '../../base/ids.ts';
import type { Invitation, InvitationReads, InvitationWrites, InvitedRole } from '../../core/orgs/invitation.ts';
import type { InvitationRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { touched } from './values.ts';

export function invitationReads({ db, projectId }: ReadScope): InvitationReads {
  const invitations = () => db.selectFrom('invitation as i').selectAll('i').where('i.project_id', '=', projectId);
  const pending = () => invitations().where('i.state', '=', 'pending');
  return {
    async find(id) {
      const row = await invitations().where('i.id', '=', id).executeTakeFirst();
      return row ? invitationFrom(row) : null;
    },

    async findByCode(codeHash) {
      const row = await invitations().where('i.code_hash', '=', codeHash).executeTakeFirst();
      return row ? invitationFrom(row) : null;
    },

    async listOf(organizationId) {
      const rows = await invitations().where('i.organization_id', '=', organizationId).orderBy('i.id').execute();
      return rows.map(invitationFrom);
    },

    async listFor(addressesNormal, now) {
      if (addressesNormal.length === 0) return [];
      const rows = await pending()
        .innerJoin('organization as o', 'o.id', 'i.organization_id')
        .where('o.deleted_at', 'is', null)
        .where('i.address_normal', 'in', [...addressesNormal])
        .where('i.expires_at', '>', now)
        .orderBy('i.id')
        .execute();
      return rows.map(invitationFrom);
    },

    async findLive(organizationId, addressNormal, now) {
      const row = await pending()
        .where('i.organization_id', '=', organizationId)
        .where('i.address_normal', '=', addressNormal)
        .where('i.expires_at', '>', now)
        .orderBy('i.id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row ? invitationFrom(row) : null;
    },

    async countLive(organizationId, now) {
      const row = await db
        .selectFrom('invitation')
        .select((count) => count.fn.countAll<number>().as('live'))
        .where('project_id', '=', projectId)
        .where('organization_id', '=', organizationId)
        .where('state', '=', 'pending')
        .where('expires_at', '>', now)
        .executeTakeFirstOrThrow();
      return row.live;
    },
  };
}

export function invitationWrites({ db, projectId }: WriteScope): InvitationWrites {
  const pending = () => db.updateTable('invitation').where('project_id', '=', projectId).where('state', '=', 'pending');
  return {
    async insert(invitation, codeHash) {
      await db
        .insertInto('invitation')
        .values({
          project_id: projectId,
          id: invitation.id,
          organization_id: invitation.organizationId,
          address: invitation.address,
          address_normal: invitation.addressNormal,
          roles: JSON.stringify(invitation.roles),
          team_ids: JSON.stringify(invitation.teamIds),
          inviter_id: invitation.inviterId,
          state: invitation.state,
          code_hash: codeHash,
          expires_at: invitation.expiresAt,
          created_at: invitation.createdAt,
          updated_at: invitation.createdAt,
        })
        .execute();
    },

    async extend(id, codeHash, expiresAt, now) {
      await pending()
        .set({ code_hash: codeHash, expires_at: expiresAt, updated_at: now })
        .where('id', '=', id)
        .execute();
    },

    async decide(id, state, decidedBy, now) {
      const result = await pending()
        .set({ state, decided_at: now, decided_by: decidedBy, updated_at: now })
        .where('id', '=', id)
        .executeTakeFirst();
      return touched(result) === 1;
    },

    async cancelAllOf(organizationId, decidedBy, now) {
      await pending()
        .set({ state: 'canceled', decided_at: now, decided_by: decidedBy, updated_at: now })
        .where('organization_id', '=', organizationId)
        .execute();
    },

    async forgetTeam(organizationId, teamId, now) {
      const rows = await db
        .selectFrom('invitation')
        .select(['id', 'team_ids'])
        .where('project_id', '=', projectId)
        .where('organization_id', '=', organizationId)
        .where('state', '=', 'pending')
        .where('team_ids', 'like', `%${teamId}%`)
        .execute();
      for (const row of rows) {
        const left = (JSON.parse(row.team_ids) as Id[]).filter((id) => id !== teamId);
        await pending()
          .set({ team_ids: JSON.stringify(left), updated_at: now })
          .where('id', '=', row.id)
          .execute();
      }
    },
  };
}

const invitationFrom = (row: Selectable<InvitationRow>): Invitation => ({
  id: row.id,
  organizationId: row.organization_id,
  address: row.address,
  addressNormal: row.address_normal,
  roles: JSON.parse(row.roles) as InvitedRole[],
  teamIds: JSON.parse(row.team_ids) as Id[],
  inviterId: row.inviter_id,
  state: row.state,
  expiresAt: row.expires_at,
  createdAt: row.created_at,
});
