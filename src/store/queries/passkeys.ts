import type { Selectable } from 'kysely';
import type { Passkey, PasskeyReads, PasskeyWrites } from '../../core/passkeys/passkey.ts';
import type { PasskeyRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { bit, touched } from './values.ts';

export const passkeyReads = ({ db, projectId }: ReadScope): PasskeyReads => {
  const own = () => db.selectFrom('passkey').selectAll().where('project_id', '=', projectId);
  return {
    async find(id) {
      const row = await own().where('id', '=', id).executeTakeFirst();
      return row ? passkeyFrom(row) : null;
    },

    async findByCredential(credentialId) {
      const row = await own().where('credential_id', '=', credentialId).executeTakeFirst();
      return row ? passkeyFrom(row) : null;
    },

    async listOf(userId) {
      return (await own().where('user_id', '=', userId).orderBy('id').execute()).map(passkeyFrom);
    },
  };
};

export const passkeyWrites = ({ db, projectId, changes }: WriteScope): PasskeyWrites => ({
  async insert(passkey) {
    await db
      .insertInto('passkey')
      .values({
        project_id: projectId,
        id: passkey.id,
        user_id: passkey.userId,
        credential_id: passkey.credentialId,
        public_key: passkey.publicKey,
        counter: passkey.counter,
        device_type: passkey.deviceType,
        backed_up: bit(passkey.backedUp),
        transports: passkey.transports.length === 0 ? null : passkey.transports.join(','),
        aaguid: passkey.aaguid,
        name: passkey.name,
        rp_id: passkey.rpId,
        made_by: passkey.madeBy,
        last_used_at: passkey.lastUsedAt,
        strong_from: passkey.strongFrom,
        created_at: passkey.createdAt,
        updated_at: passkey.createdAt,
      })
      .execute();
    changes.user(passkey.userId);
  },

  async rename(id, name, now) {
    await db
      .updateTable('passkey')
      .set({ name, updated_at: now })
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .execute();
  },

  async use(id, seenCounter, counter, now) {
    const result = await db
      .updateTable('passkey')
      .set({ counter, last_used_at: now, updated_at: now })
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .where('counter', '=', seenCounter)
      .executeTakeFirst();
    return touched(result) === 1;
  },

  async remove(id) {
    const row = await db
      .deleteFrom('passkey')
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .returning('user_id')
      .executeTakeFirst();
    if (row) changes.user(row.user_id);
    return row !== undefined;
  },

  async removeAllOf(userId) {
    await db.deleteFrom('passkey').where('project_id', '=', projectId).where('user_id', '=', userId).execute();
    changes.user(userId);
  },
});

const passkeyFrom = (row: Selectable<PasskeyRow>): Passkey => ({
  id: row.id,
  userId: row.user_id,
  credentialId: row.credential_id,
  publicKey: row.public_key,
  counter: row.counter,
  deviceType: row.device_type as Passkey['deviceType'],
  backedUp: row.backed_up === 1,
  transports: row.transports === null ? [] : row.transports.split(','),
  aaguid: row.aaguid,
  name: row.name,
  rpId: row.rp_id,
  madeBy: row.made_by,
  lastUsedAt: row.last_used_at,
  strongFrom: row.strong_from,
  createdAt: row.created_at,
});
