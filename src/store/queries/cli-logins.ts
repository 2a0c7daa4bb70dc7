import type { Selectable } from 'kysely';
import type { CliLogin, CliLoginReads, CliLoginWrites } from '../../core/cli-login/cli-login.ts';
import type { CliLoginRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { touched } from './values.ts';

export function cliLoginReads({ db, projectId }: ReadScope): CliLoginReads {
  const logins = () => db.selectFrom('cli_login').selectAll().where('project_id', '=', projectId);
  return {
    async findByPolling(hash) {
      const row = await logins().where('polling_hash', '=', hash).executeTakeFirst();
      return row ? loginFrom(row) : null;
    },
    async findByLogin(hash) {
      const row = await logins().where('login_hash', '=', hash).executeTakeFirst();
      return row ? loginFrom(row) : null;
    },
  };
}

export function cliLoginWrites({ db, projectId }: WriteScope): CliLoginWrites {
  const own = (id: string) => db.updateTable('cli_login').where('project_id', '=', projectId).where('id', '=', id);
  return {
    async insert(login) {
      await db
        .insertInto('cli_login')
        .values({
          project_id: projectId,
          id: login.id,
          polling_hash: login.pollingHash,
          login_hash: login.loginHash,
          anonymous_session_id: login.anonymousSessionId,
          anonymous_token_enc: login.anonymousToken,
          anonymous_claimed_at: login.anonymousClaimedAt,
          session_id: login.sessionId,
          session_token_enc: login.sessionToken,
          approved_at: login.approvedAt,
          redeemed_at: login.redeemedAt,
          expires_at: login.expiresAt,
          created_at: login.createdAt,
          updated_at: login.createdAt,
        })
        .execute();
    },

    async approve(id, sessionId, sealedToken, now) {
      const result = await own(id)
        .set({ session_id: sessionId, session_token_enc: sealedToken, approved_at: now, updated_at: now })
        .where('approved_at', 'is', null)
        .where('expires_at', '>', now)
        .executeTakeFirst();
      return touched(result) === 1;
    },

    async claimAnonymous(id, now) {
      const result = await own(id)
        .set({ anonymous_token_enc: null, anonymous_claimed_at: now, updated_at: now })
        .where('anonymous_claimed_at', 'is', null)
        .executeTakeFirst();
      return touched(result) === 1;
    },

    async redeem(id, now) {
      const result = await own(id)
        .set({ session_token_enc: null, redeemed_at: now, updated_at: now })
        .where('redeemed_at', 'is', null)
        .executeTakeFirst();
      return touched(result) === 1;
    },
  };
}

const loginFrom = (row: Selectable<CliLoginRow>): CliLogin => ({
  id: row.id,
  pollingHash: row.polling_hash,
  loginHash: row.login_hash,
  anonymousSessionId: row.anonymous_session_id,
  anonymousToken: row.anonymous_token_enc,
  anonymousClaimedAt: row.anonymous_claimed_at,
  sessionId: row.session_id,
  sessionToken: row.session_token_enc,
  approvedAt: row.approved_at,
  redeemedAt: row.redeemed_at,
  expiresAt: row.expires_at,
  createdAt: row.created_at,
});
