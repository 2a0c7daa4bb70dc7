import { type RawBuilder, sql } from 'kysely';
import type { Id } from '../../base/ids.ts';
import { releaseFiles, releaseImages } from './files.ts';
import { personTables } from './person-tables.ts';
import type { WriteScope } from './scope.ts';

/**
 * Deletes the person, every row that is theirs, and what names them elsewhere. Events and organizations that ended with
 * the person stay for those who refer to them, without anything personal. `test/security/erasure.test.ts` looks for the
 * person in every column of every table.
 */
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
  await forgetAddresses(scope, id);
  await forgetInEvents(scope, id);
  await forgetOrganizations(scope, id);
  await sql`delete from membership_grant where membership_id in (
    select id from membership where project_id = ${projectId} and user_id = ${id})`.execute(db);
  for (const [table, column] of personTables) {
    const rows = sql`delete from ${sql.table(table)} where project_id = ${projectId} and ${sql.ref(column)} = ${id}`;
    await rows.execute(db);
  }
  await db.deleteFrom('user').where('project_id', '=', projectId).where('id', '=', id).execute();
}

/**
 * What was written to their addresses. An address that the person never proved and does not sign in with may be somebody
 * else's, and what was sent there is not the person's to take away.
 */
async function forgetAddresses({ db, projectId }: WriteScope, id: Id): Promise<void> {
  const own = (column: 'normal' | 'value'): RawBuilder<unknown> =>
    sql`select ${sql.ref(column)} from email where project_id = ${projectId} and user_id = ${id}
      and (verified_at is not null or used_for_auth = 1)`;
  await sql`delete from invitation where project_id = ${projectId} and address_normal in (${own('normal')})`.execute(
    db,
  );
  await sql`delete from one_time_value where project_id = ${projectId} and address_normal in (${own('normal')})`.execute(
    db,
  );
  await sql`delete from mail_capture where project_id = ${projectId} and to_address in (${own('value')})`.execute(db);
}

/** A public event keeps its position, from which a reader may go on, and is shown to nobody any more. */
async function forgetInEvents({ db, projectId }: WriteScope, id: Id): Promise<void> {
  await sql`update event set ip = null, user_agent = null, data = '{}', public_action = null,
      visibility = case visibility when 'public' then 'user' else visibility end
    where project_id = ${projectId} and subject_user_id = ${id}`.execute(db);
  await sql`update event set ip = null, user_agent = null
    where project_id = ${projectId} and actor_id = ${id}`.execute(db);
}

/** Those that the person made, or had alone, and that are deleted: often named after their person. */
async function forgetOrganizations(scope: WriteScope, id: Id): Promise<void> {
  const { db, projectId } = scope;
  const gone = sql`project_id = ${projectId} and deleted_at is not null and created_by = ${id}`;
  await sql`update event set data = '{}'
    where organization_id in (select id from organization where ${gone})`.execute(db);
  await releaseFiles(scope, sql`select image_file_id from organization where ${gone}`);
  await sql`update organization set name = '', slug = id, slug_normal = id, email = null, image_url = null,
      image_file_id = null, metadata_client = null, metadata_readonly = null, metadata_server = null
    where ${gone}`.execute(db);
}
