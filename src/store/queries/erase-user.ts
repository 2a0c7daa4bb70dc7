import { sql } from 'kysely';
import type { Id } from '../../base/ids.ts';
import { releaseImages } from './files.ts';
import { personTables } from './person-tables.ts';
import type { WriteScope } from './scope.ts';

/** Deletes the person and every row that is theirs. Events stay. */
export async function eraseUser(scope: WriteScope, id: Id): Promise<void> {
  const { db, projectId, changes } = scope;
  await releaseImages(scope, id, 'all');
  const impersonated = await db
    .selectFrom('session')
    .select('id')
    .where('project_id', '=', projectId)
    .where('impersonator_id', '=', id)
    .execute();
  for (const session of impersonated) changes.session(session.id);
  await sql`delete from membership_grant where membership_id in (
    select id from membership where project_id = ${projectId} and user_id = ${id})`.execute(db);
  for (const [table, column] of personTables) {
    const rows = sql`delete from ${sql.table(table)} where project_id = ${projectId} and ${sql.ref(column)} = ${id}`;
    await rows.execute(db);
  }
  await db.deleteFrom('user').where('project_id', '=', projectId).where('id', '=', id).execute();
}
