import type { Selectable } from 'kysely';
import type { OneTimeValue, OneTimeValueReads, OneTimeValueWrites, Purpose } from '../../core/codes/one-time-value.ts';
import type { OneTimeValueRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { touched } from './values.ts';

export const oneTimeValueReads = ({ db, projectId }: ReadScope): OneTimeValueReads => ({
  async find(purpose, valueHash) {
    const row = await db
      .selectFrom('one_time_value')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('purpose', '=', purpose)
      .where('value_hash', '=', valueHash)
      .executeTakeFirst();
    return row ? oneTimeValueFrom(row) : null;
  },

  async findLatest(purpose, userId) {
    const row = await db
      .selectFrom('one_time_value')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('purpose', '=', purpose)
      .where('user_id', '=', userId)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row ? oneTimeValueFrom(row) : null;
  },

  async findLatestTo(purpose, addressNormal) {
    const row = await db
      .selectFrom('one_time_value')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('purpose', '=', purpose)
      .where('address_normal', '=', addressNormal)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row ? oneTimeValueFrom(row) : null;
  },
});

export const oneTimeValueWrites = ({ db, projectId }: WriteScope): OneTimeValueWrites => ({
  async insert(value) {
    await db
      .insertInto('one_time_value')
      .values({
        project_id: projectId,
        id: value.id,
        purpose: value.purpose,
        value_hash: value.valueHash,
        group_hash: value.groupHash,
        attempts: value.attempts,
        max_attempts: value.maxAttempts,
        user_id: value.userId,
        email_id: value.emailId,
        address_normal: value.addressNormal,
        session_id: value.sessionId,
        browser_hash: value.browserHash,
        payload_enc: value.payload,
        given_id: null,
        expires_at: value.expiresAt,
        used_at: value.usedAt,
        voided_at: value.voidedAt,
        created_at: value.createdAt,
        updated_at: value.createdAt,
      })
      .execute();
  },

  // The write itself tests the state (core map §2): reading first would let two callers pass.
  async spend(id, now) {
    const result = await db
      .updateTable('one_time_value')
      .set({ used_at: now, updated_at: now })
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .where('used_at', 'is', null)
      .where('voided_at', 'is', null)
      .where('expires_at', '>', now)
      .whereRef('attempts', '<', 'max_attempts')
      .executeTakeFirst();
    return touched(result) === 1;
  },

  async noteGiven(id, givenId) {
    await db
      .updateTable('one_time_value')
      .set({ given_id: givenId })
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .execute();
  },

  async replaceGiven(from, to) {
    await db
      .updateTable('one_time_value')
      .set({ given_id: to })
      .where('project_id', '=', projectId)
      .where('given_id', '=', from)
      .execute();
  },

  async countAttempt(id, most) {
    let counting = db
      .updateTable('one_time_value')
      .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .whereRef('attempts', '<', 'max_attempts');
    if (most !== undefined) counting = counting.where('attempts', '<', most);
    return touched(await counting.executeTakeFirst()) === 1;
  },

  async countGroupAttempt(purpose, groupHash) {
    await db
      .updateTable('one_time_value')
      .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
      .where('project_id', '=', projectId)
      .where('purpose', '=', purpose)
      .where('group_hash', '=', groupHash)
      .whereRef('attempts', '<', 'max_attempts')
      .execute();
  },

  async forgiveAttempt(id) {
    await db
      .updateTable('one_time_value')
      .set((eb) => ({ attempts: eb('attempts', '-', 1) }))
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .where('attempts', '>', 0)
      .execute();
  },

  async voidAllOf(userId, purposes, now, addressNormal) {
    if (purposes !== 'all' && purposes.length === 0) return;
    let voiding = db
      .updateTable('one_time_value')
      .set({ voided_at: now, updated_at: now })
      .where('project_id', '=', projectId)
      .where('user_id', '=', userId)
      .where('used_at', 'is', null)
      .where('voided_at', 'is', null);
    if (purposes !== 'all') voiding = voiding.where('purpose', 'in', purposes);
    if (addressNormal !== undefined) voiding = voiding.where('address_normal', '=', addressNormal);
    await voiding.execute();
  },

  async voidNobodys(purpose, now) {
    await db
      .updateTable('one_time_value')
      .set({ voided_at: now, updated_at: now })
      .where('project_id', '=', projectId)
      .where('purpose', '=', purpose)
      .where('user_id', 'is', null)
      .where('used_at', 'is', null)
      .where('voided_at', 'is', null)
      .execute();
  },

  async voidAllTo(addressNormal, purpose, now) {
    await db
      .updateTable('one_time_value')
      .set({ voided_at: now, updated_at: now })
      .where('project_id', '=', projectId)
      .where('purpose', '=', purpose)
      .where('address_normal', '=', addressNormal)
      .where('used_at', 'is', null)
      .where('voided_at', 'is', null)
      .execute();
  },
});

const oneTimeValueFrom = (row: Selectable<OneTimeValueRow>): OneTimeValue => ({
  id: row.id,
  purpose: row.purpose as Purpose,
  valueHash: row.value_hash,
  groupHash: row.group_hash,
  attempts: row.attempts,
  maxAttempts: row.max_attempts,
  userId: row.user_id,
  emailId: row.email_id,
  addressNormal: row.address_normal,
  sessionId: row.session_id,
  browserHash: row.browser_hash,
  payload: row.payload_enc,
  givenId: row.given_id,
  expiresAt: row.expires_at,
  usedAt: row.used_at,
  voidedAt: row.voided_at,
  createdAt: row.created_at,
});
