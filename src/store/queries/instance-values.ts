import type { Kysely } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import type { JsonValue } from '../../base/json.ts';
import type { Database } from '../schema.ts';

/** Facts about this installation as a whole: versions of the normal forms, state of the first admin link. */
export interface InstanceValues {
  get(key: string): Promise<JsonValue | null>;
  set(key: string, value: JsonValue): Promise<void>;
  /** Unless it has a value. */
  add(key: string, value: JsonValue): Promise<void>;
}

export const instanceValues = (reader: Kysely<Database>, writer: Kysely<Database>, clock: Clock): InstanceValues => ({
  async get(key) {
    const row = await reader.selectFrom('instance').select('value').where('key', '=', key).executeTakeFirst();
    return row ? (JSON.parse(row.value) as JsonValue) : null;
  },
  async set(key, value) {
    const now = clock.now();
    const change = { value: JSON.stringify(value), updated_at: now };
    await writer
      .insertInto('instance')
      .values({ key, created_at: now, ...change })
      .onConflict((known) => known.column('key').doUpdateSet(change))
      .execute();
  },
  async add(key, value) {
    const now = clock.now();
    await writer
      .insertInto('instance')
      .values({ key, value: JSON.stringify(value), created_at: now, updated_at: now })
      .onConflict((known) => known.column('key').doNothing())
      .execute();
  },
});
