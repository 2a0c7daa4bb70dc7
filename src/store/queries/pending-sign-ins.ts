import type { PendingSignInWrites } from '../../core/sessions/session-store.ts';
import type { WriteScope } from './scope.ts';
import { bit, touched } from './values.ts';

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

  async sweep(before, limit) {
    const expired = db
      .selectFrom('pending_sign_in')
      .select('id')
      .where('project_id', '=', projectId)
      .where('expires_at', '<', before)
      .orderBy('expires_at')
      .limit(limit);
    return touched(await db.deleteFrom('pending_sign_in').where('id', 'in', expired).executeTakeFirst());
  },
});
