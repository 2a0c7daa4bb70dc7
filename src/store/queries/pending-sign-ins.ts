import type { Selectable } from 'kysely';
import type { TrustedUrl } from '../../core/return-urls.ts';
import type { PendingSignIn, SessionMethod } from '../../core/sessions/session.ts';
import type { PendingSignInReads, PendingSignInWrites } from '../../core/sessions/session-store.ts';
import type { SurfaceName } from '../../core/surface.ts';
import type { PendingSignInRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { bit, touched } from './values.ts';

export const pendingSignInReads = ({ db, projectId }: ReadScope): PendingSignInReads => ({
  async findByTokenHash(hash) {
    const row = await db
      .selectFrom('pending_sign_in')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('token_hash', '=', hash)
      .executeTakeFirst();
    return row ? pendingFrom(row) : null;
  },
});

export const pendingSignInWrites = ({ db, projectId }: WriteScope): PendingSignInWrites => ({
  async insert(pending) {
    await db
      .insertInto('pending_sign_in')
      .values({
        project_id: projectId,
        id: pending.id,
        user_id: pending.userId,
        token_hash: pending.tokenHash,
        made_by: pending.madeBy,
        first_method: pending.firstMethod,
        persistent: bit(pending.persistent),
        is_new_user: bit(pending.isNewUser),
        ip: pending.ip,
        user_agent: pending.userAgent,
        return_to: pending.returnTo,
        mail_code_mac: pending.mailCodeMac,
        mail_code_expires_at: pending.mailCodeExpiresAt,
        mail_code_attempts: pending.mailCodeAttempts,
        attempts: pending.attempts,
        max_attempts: pending.maxAttempts,
        expires_at: pending.expiresAt,
        completed_at: pending.completedAt,
        voided_at: pending.voidedAt,
        created_at: pending.createdAt,
        updated_at: pending.createdAt,
      })
      .execute();
  },

  async voidAllOf(userId, now) {
    await db
      .updateTable('pending_sign_in')
      .set({ voided_at: now, updated_at: now })
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .where('completed_at', 'is', null)
      .where('voided_at', 'is', null)
      .execute();
  },

  async void(id, now) {
    await db
      .updateTable('pending_sign_in')
      .set({ voided_at: now, updated_at: now })
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .where('completed_at', 'is', null)
      .where('voided_at', 'is', null)
      .execute();
  },

  async countAttempt(id) {
    const result = await db
      .updateTable('pending_sign_in')
      .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .whereRef('attempts', '<', 'max_attempts')
      .executeTakeFirst();
    return touched(result) === 1;
  },

  async setMailCode(id, mac, expiresAt) {
    await db
      .updateTable('pending_sign_in')
      .set({ mail_code_mac: mac, mail_code_expires_at: expiresAt, mail_code_attempts: 0 })
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .execute();
  },

  async countMailCodeAttempt(id, max) {
    const result = await db
      .updateTable('pending_sign_in')
      .set((eb) => ({ mail_code_attempts: eb('mail_code_attempts', '+', 1) }))
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .where('mail_code_attempts', '<', max)
      .executeTakeFirst();
    return touched(result) === 1;
  },

  async complete(id, now) {
    const result = await db
      .updateTable('pending_sign_in')
      .set({ completed_at: now, updated_at: now })
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .where('completed_at', 'is', null)
      .where('voided_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return touched(result) === 1;
  },
});

const pendingFrom = (row: Selectable<PendingSignInRow>): PendingSignIn => ({
  id: row.id,
  userId: row.user_id,
  tokenHash: row.token_hash,
  madeBy: row.made_by as SurfaceName,
  firstMethod: row.first_method as SessionMethod,
  persistent: row.persistent === 1,
  isNewUser: row.is_new_user === 1,
  ip: row.ip,
  userAgent: row.user_agent,
  returnTo: row.return_to as TrustedUrl | null,
  mailCodeMac: row.mail_code_mac,
  mailCodeExpiresAt: row.mail_code_expires_at,
  mailCodeAttempts: row.mail_code_attempts,
  attempts: row.attempts,
  maxAttempts: row.max_attempts,
  expiresAt: row.expires_at,
  completedAt: row.completed_at,
  voidedAt: row.voided_at,
  createdAt: row.created_at,
});
