import type { Selectable } from 'kysely';
import type { FactorReads, FactorWrites, TotpSecret, TrustedDevice } from '../../core/factors/factor-store.ts';
import type { DeviceRow, TotpRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { touched } from './values.ts';

export const factorReads = ({ db, projectId }: ReadScope): FactorReads => ({
  async findTotp(userId, state) {
    const row = await db
      .selectFrom('totp')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .where('state', '=', state)
      .executeTakeFirst();
    return row ? totpFrom(row) : null;
  },

  async countBackupCodes(userId) {
    const row = await db
      .selectFrom('backup_code')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .where('spent_at', 'is', null)
      .executeTakeFirstOrThrow();
    return Number(row.count);
  },

  async findDevice(tokenHash) {
    const row = await db
      .selectFrom('device')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('token_hash', '=', tokenHash)
      .executeTakeFirst();
    return row ? deviceFrom(row) : null;
  },
});

export function factorWrites({ db, projectId, changes, clock }: WriteScope): FactorWrites {
  const of = (userId: string) => ({ project_id: projectId, user_id: userId });

  return {
    async putPendingTotp(secret) {
      await db
        .deleteFrom('totp')
        .where('project_id', '=', projectId)
        .where('user_id', '=', secret.userId)
        .where('state', '=', 'pending')
        .execute();
      await db
        .insertInto('totp')
        .values({
          ...of(secret.userId),
          id: secret.id,
          state: secret.state,
          secret_enc: secret.secret,
          issued_session_id: secret.issuedSessionId,
          issued_at: secret.issuedAt,
          activated_at: secret.activatedAt,
          backup_set_id: null,
          created_at: secret.issuedAt,
          updated_at: secret.issuedAt,
        })
        .execute();
    },

    async activateTotp(id, now) {
      const row = await db
        .updateTable('totp')
        .set({ state: 'active', activated_at: now, updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where('state', '=', 'pending')
        .returning('user_id')
        .executeTakeFirst();
      if (row) changes.user(row.user_id);
      return row !== undefined;
    },

    async removeAll(userId) {
      for (const table of ['totp', 'totp_step', 'backup_code', 'second_factor'] as const) {
        await db.deleteFrom(table).where('project_id', '=', projectId).where('user_id', '=', userId).execute();
      }
      changes.user(userId);
    },

    async spendTotpStep(userId, operation, step) {
      const now = clock.now();
      const result = await db
        .insertInto('totp_step')
        .values({ ...of(userId), operation, last_step: step, created_at: now, updated_at: now })
        .onConflict((conflict) =>
          conflict
            .columns(['user_id', 'operation'])
            .doUpdateSet({ last_step: step })
            .where('totp_step.last_step', '<', step),
        )
        .executeTakeFirst();
      return Number(result?.numInsertedOrUpdatedRows ?? 0) === 1;
    },

    async replaceBackupCodes(userId, setId, codes, now) {
      await db.deleteFrom('backup_code').where('project_id', '=', projectId).where('user_id', '=', userId).execute();
      if (codes.length === 0) return;
      const times = { spent_at: null, created_at: now, updated_at: now };
      await db
        .insertInto('backup_code')
        .values(codes.map(({ id, mac }) => ({ ...of(userId), ...times, id, set_id: setId, code_mac: mac })))
        .execute();
    },

    async spendBackupCode(userId, mac, now) {
      const result = await db
        .updateTable('backup_code')
        .set({ spent_at: now, updated_at: now })
        .where('project_id', '=', projectId)
        .where('user_id', '=', userId)
        .where('code_mac', '=', mac)
        .where('spent_at', 'is', null)
        .executeTakeFirst();
      return touched(result) === 1;
    },

    async enableMailCode(userId, now) {
      await db
        .insertInto('second_factor')
        .values({ ...of(userId), mail_code_enabled: 1, created_at: now, updated_at: now })
        .onConflict((conflict) => conflict.columns(['user_id']).doUpdateSet({ mail_code_enabled: 1, updated_at: now }))
        .execute();
      changes.user(userId);
    },

    async insertDevice(device, keep) {
      await db
        .insertInto('device')
        .values({
          ...of(device.userId),
          id: device.id,
          token_hash: device.tokenHash,
          trusted_until: device.trustedUntil,
          user_agent: device.userAgent,
          last_seen_at: device.lastSeenAt,
          created_at: device.createdAt,
          updated_at: device.createdAt,
        })
        .execute();
      const oldest = db
        .selectFrom('device')
        .select('id')
        .where('user_id', '=', device.userId)
        .orderBy('last_seen_at', 'desc')
        .orderBy('id', 'desc')
        .limit(keep)
        .offset(keep);
      await db.deleteFrom('device').where('project_id', '=', projectId).where('id', 'in', oldest).execute();
    },

    async renewDevice(id, tokenHash, trustedUntil, now) {
      await db
        .updateTable('device')
        .set({ token_hash: tokenHash, trusted_until: trustedUntil, last_seen_at: now, updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .execute();
    },

    async distrustDevices(userId) {
      await db
        .updateTable('device')
        .set({ trusted_until: null })
        .where('project_id', '=', projectId)
        .where('user_id', '=', userId)
        .execute();
    },
  };
}

const totpFrom = (row: Selectable<TotpRow>): TotpSecret => ({
  id: row.id,
  userId: row.user_id,
  state: row.state as TotpSecret['state'],
  secret: row.secret_enc,
  issuedSessionId: row.issued_session_id,
  issuedAt: row.issued_at,
  activatedAt: row.activated_at,
});

const deviceFrom = (row: Selectable<DeviceRow>): TrustedDevice => ({
  id: row.id,
  userId: row.user_id,
  tokenHash: row.token_hash,
  trustedUntil: row.trusted_until,
  userAgent: row.user_agent,
  lastSeenAt: row.last_seen_at,
  createdAt: row.created_at,
});
