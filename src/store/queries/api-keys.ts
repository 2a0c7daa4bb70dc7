import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { ApiKey, ApiKeyChange, KeyPermissions } from '../../core/keys/api-key.ts';
import type { KeyList, KeyPage, KeyReads, KeySortField, KeyWrites } from '../../core/keys/key-store.ts';
import type { SurfaceName } from '../../core/surface.ts';
import type { ApiKeyRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';
import { bit, jsonValue, jsonValueText, touched } from './values.ts';

const sortColumns = {
  id: 'id',
  name: 'name',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  expiresAt: 'expires_at',
  lastRequestAt: 'last_request_at',
} as const satisfies Record<KeySortField, keyof ApiKeyRow>;

type OwnerColumn = 'owner_user_id' | 'owner_organization_id';

export function keyReads({ db, projectId }: ReadScope): KeyReads {
  const keys = () => db.selectFrom('api_key').selectAll().where('project_id', '=', projectId);

  async function list(owner: OwnerColumn, id: Id, { limit, offset, sort }: KeyPage): Promise<KeyList> {
    const shown = keys().where(owner, '=', id).where('hidden_at', 'is', null);
    const column = sortColumns[sort.field];
    const rows = await shown
      // The engines differ in where they put missing values.
      .orderBy(sql`${sql.ref(column)} is null`)
      .orderBy(column, sort.direction)
      .orderBy('id', sort.direction)
      .limit(limit ?? maxListed)
      .offset(offset)
      .execute();
    const { total } = await db
      .selectFrom(shown.as('shown'))
      .select((count) => count.fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow();
    return { keys: rows.map(keyFrom), total };
  }

  return {
    async find(id) {
      const row = await keys().where('id', '=', id).executeTakeFirst();
      return row ? keyFrom(row) : null;
    },

    async findByHash(hash) {
      const row = await keys().where('key_hash', '=', hash).executeTakeFirst();
      return row ? keyFrom(row) : null;
    },

    listOf: (ownerUserId, page) => list('owner_user_id', ownerUserId, page),
    listOfOrganization: (organizationId, page) => list('owner_organization_id', organizationId, page),
  };
}

const maxListed = 1_000;

export function keyWrites({ db, projectId }: WriteScope): KeyWrites {
  async function revokeAll(owner: OwnerColumn, ownerId: Id, why: string, now: Instant): Promise<readonly Id[]> {
    const rows = await db
      .updateTable('api_key')
      .set({ revoked_at: now, revoked_why: why, updated_at: now })
      .where('project_id', '=', projectId)
      .where(owner, '=', ownerId)
      .where('revoked_at', 'is', null)
      .returning('id')
      .execute();
    return rows.map(({ id }) => id).sort();
  }

  return {
    async insert(key) {
      await db
        .insertInto('api_key')
        .values({ project_id: projectId, ...keyColumns(key) })
        .execute();
    },

    async update(id, change, now) {
      const justName = Object.entries(change).every(([field, value]) => field === 'name' || value === undefined);
      let named = db
        .updateTable('api_key')
        .set({ ...changeColumns(change), updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where('hidden_at', 'is', null);
      if (!justName) named = named.where('revoked_at', 'is', null);
      const row = await named.returningAll().executeTakeFirst();
      return row ? keyFrom(row) : null;
    },

    async use(id, now) {
      const at = sql`cast(${now} as bigint)`;
      const refillDue = sql<boolean>`(refill_amount is not null and refill_interval_ms is not null
        and ${at} - coalesce(last_refill_at, created_at) > refill_interval_ms)`;
      const newWindow = sql<boolean>`(last_request_at is null or ${at} - last_request_at > rate_window_ms)`;
      const limited = sql<boolean>`(rate_enabled = 1 and rate_window_ms is not null and rate_max is not null)`;
      const { rows } = await sql<Selectable<ApiKeyRow>>`
        update api_key set
          remaining = case when remaining is null then null
                           when ${refillDue} then refill_amount - 1 else remaining - 1 end,
          last_refill_at = case when remaining is not null and ${refillDue} then ${at} else last_refill_at end,
          rate_count = case when not ${limited} then rate_count when ${newWindow} then 1 else rate_count + 1 end,
          rate_started_at = case when ${limited} and ${newWindow} then ${at} else rate_started_at end,
          last_request_at = ${at},
          last_used_at = ${at}
        where project_id = ${projectId} and id = ${id}
          and enabled = 1 and revoked_at is null and (expires_at is null or expires_at > ${at})
          and (remaining is null or remaining > 0 or (${refillDue} and refill_amount > 0))
          and (not ${limited} or ${newWindow} or rate_count < rate_max)
        returning *`.execute(db);
      return rows[0] ? keyFrom(rows[0]) : null;
    },

    async revoke(id, why, now) {
      const result = await db
        .updateTable('api_key')
        .set((old) => ({
          revoked_why: old.fn.coalesce('revoked_why', sql<string>`${why}`),
          revoked_at: old.fn.coalesce('revoked_at', sql<typeof now>`cast(${now} as bigint)`),
          hidden_at: now,
          updated_at: now,
        }))
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where('hidden_at', 'is', null)
        .executeTakeFirst();
      return touched(result) === 1;
    },

    async end(id, why, now) {
      const result = await db
        .updateTable('api_key')
        .set({ revoked_at: now, revoked_why: why, updated_at: now })
        .where('project_id', '=', projectId)
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return touched(result) === 1;
    },

    revokeAllOf: (ownerUserId, why, now) => revokeAll('owner_user_id', ownerUserId, why, now),
    revokeAllOfOrganization: (organizationId, why, now) => revokeAll('owner_organization_id', organizationId, why, now),
  };
}

const keyFrom = (row: Selectable<ApiKeyRow>): ApiKey => ({
  id: row.id,
  ownerUserId: row.owner_user_id,
  ownerOrganizationId: row.owner_organization_id,
  contextOrganizationId: row.context_organization_id,
  createdBy: row.created_by,
  madeBy: row.made_by as SurfaceName,
  actsAsOwner: row.acts_as_owner === 1,
  name: row.name,
  prefix: row.prefix,
  start: row.start,
  last4: row.last4,
  keyHash: row.key_hash,
  configId: row.config_id,
  public: row.public === 1,
  enabled: row.enabled === 1,
  permissions: jsonValue(row.permissions) as KeyPermissions | null,
  metadata: jsonValue(row.metadata),
  remaining: row.remaining,
  refillAmount: row.refill_amount,
  refillIntervalMs: row.refill_interval_ms,
  lastRefillAt: row.last_refill_at,
  rateEnabled: row.rate_enabled === 1,
  rateWindowMs: row.rate_window_ms,
  rateMax: row.rate_max,
  rateCount: row.rate_count,
  rateStartedAt: row.rate_started_at,
  lastRequestAt: row.last_request_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  revokedWhy: row.revoked_why,
  hiddenAt: row.hidden_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const permissionsText = (permissions: KeyPermissions | null): string | null =>
  permissions === null ? null : JSON.stringify(permissions);

const keyColumns = (key: ApiKey): Omit<Insertable<ApiKeyRow>, 'project_id'> => ({
  id: key.id,
  owner_user_id: key.ownerUserId,
  owner_organization_id: key.ownerOrganizationId,
  context_organization_id: key.contextOrganizationId,
  created_by: key.createdBy,
  made_by: key.madeBy,
  acts_as_owner: bit(key.actsAsOwner),
  name: key.name,
  prefix: key.prefix,
  start: key.start,
  last4: key.last4,
  key_hash: key.keyHash,
  config_id: key.configId,
  public: bit(key.public),
  enabled: bit(key.enabled),
  permissions: permissionsText(key.permissions),
  metadata: jsonValueText(key.metadata),
  remaining: key.remaining,
  refill_amount: key.refillAmount,
  refill_interval_ms: key.refillIntervalMs,
  last_refill_at: key.lastRefillAt,
  rate_enabled: bit(key.rateEnabled),
  rate_window_ms: key.rateWindowMs,
  rate_max: key.rateMax,
  rate_count: key.rateCount,
  rate_started_at: key.rateStartedAt,
  last_request_at: key.lastRequestAt,
  last_used_at: key.lastUsedAt,
  expires_at: key.expiresAt,
  revoked_at: key.revokedAt,
  revoked_why: key.revokedWhy,
  hidden_at: key.hiddenAt,
  created_at: key.createdAt,
  updated_at: key.updatedAt,
});

/** Absent fields stay undefined, which Kysely leaves out of the statement. */
const changeColumns = (change: ApiKeyChange): Updateable<ApiKeyRow> => ({
  name: change.name,
  enabled: change.enabled === undefined ? undefined : bit(change.enabled),
  expires_at: change.expiresAt,
  metadata: change.metadata === undefined ? undefined : jsonValueText(change.metadata),
  permissions: change.permissions === undefined ? undefined : permissionsText(change.permissions),
  remaining: change.remaining,
  refill_amount: change.refillAmount,
  refill_interval_ms: change.refillIntervalMs,
  rate_enabled: change.rateEnabled === undefined ? undefined : bit(change.rateEnabled),
  rate_window_ms: change.rateWindowMs,
  rate_max: change.rateMax,
});
