import { type Selectable, sql } from 'kysely';
import type { Id } from '../base/ids.ts';
import type { Engine } from './engine.ts';
import { userFrom } from './queries/person-row.ts';
import { writeTerms } from './queries/profile-index.ts';
import type { UserRow } from './schema.ts';

/** Makes the table; what it holds is code's. */
export const profileIndexMigration = '0008-images-and-search';

/** What filling the index needs of a database. */
export type IndexedEngine = Pick<Engine, 'name' | 'reader' | 'transaction'>;

const batch = 500;

/**
 * Indexes people who were stored before there was an index, or by a node of an older version. Looks at every start:
 * two counts when nothing is missing.
 */
export async function fillProfileIndex(engine: IndexedEngine): Promise<void> {
  const { rows } = await sql<{ people: number; indexed: number }>`select
    (select count(*) from "user") as people, (select count(*) from profile_search) as indexed`.execute(engine.reader);
  if (Number(rows[0]!.people) === Number(rows[0]!.indexed)) return;
  for (let after: Id | null = ''; after !== null; ) after = await fillBatch(engine, after);
}

/** @returns the last person looked at; null when there are no more */
const fillBatch = (engine: IndexedEngine, after: Id): Promise<Id | null> =>
  engine.transaction(async (trx) => {
    const { rows } = await sql<Selectable<UserRow>>`select u.* from "user" u
       where u.id > ${after} and not exists (select 1 from profile_search s where s.user_id = u.id)
       order by u.id limit ${batch}`.execute(trx);
    const people = rows.map((row) => ({ projectId: row.project_id, userId: row.id, profile: userFrom(row) }));
    await writeTerms(trx, engine.name, people);
    return rows.length < batch ? null : rows.at(-1)!.id;
  });
