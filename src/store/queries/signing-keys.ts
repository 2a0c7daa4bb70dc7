import type { Selectable } from 'kysely';
import type {
  SigningAlgorithm,
  SigningKey,
  SigningKeyReads,
  SigningKeyState,
  SigningKeyWrites,
  SigningPurpose,
} from '../../core/signing/signing-key.ts';
import type { SigningKeyRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';

export const signingKeyReads = ({ db, projectId }: ReadScope): SigningKeyReads => ({
  async listOf(purpose) {
    const rows = await db
      .selectFrom('signing_key')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('purpose', '=', purpose)
      .where('state', '<>', 'retired')
      .orderBy('id')
      .execute();
    return rows.map(signingKeyFrom);
  },
});

export const signingKeyWrites = ({ db, projectId }: WriteScope): SigningKeyWrites => ({
  async insert(key) {
    await db
      .insertInto('signing_key')
      .values({
        project_id: projectId,
        id: key.id,
        purpose: key.purpose,
        kid: key.kid,
        alg: key.alg,
        public_jwk: JSON.stringify(key.publicJwk),
        private_enc: key.privateKey,
        state: key.state,
        activated_at: key.activatedAt,
        retire_at: key.retireAt,
        created_at: key.createdAt,
        updated_at: key.createdAt,
      })
      .execute();
  },

  async move(id, to, { activatedAt, retireAt }, now) {
    await db
      .updateTable('signing_key')
      .set({
        state: to,
        updated_at: now,
        ...(activatedAt !== undefined && { activated_at: activatedAt }),
        ...(retireAt !== undefined && { retire_at: retireAt }),
      })
      .where('project_id', '=', projectId)
      .where('id', '=', id)
      .execute();
  },
});

const signingKeyFrom = (row: Selectable<SigningKeyRow>): SigningKey => ({
  id: row.id,
  purpose: row.purpose as SigningPurpose,
  kid: row.kid,
  alg: row.alg as SigningAlgorithm,
  publicJwk: JSON.parse(row.public_jwk!),
  privateKey: row.private_enc,
  state: row.state as SigningKeyState,
  activatedAt: row.activated_at,
  retireAt: row.retire_at,
  createdAt: row.created_at,
});
