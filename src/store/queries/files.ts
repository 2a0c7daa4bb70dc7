import { type Insertable, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { FileReads, FileWrites, StoredFile } from '../../core/files/stored-file.ts';
import type { UserChange } from '../../core/users/user.ts';
import type { FileRow } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';

export const fileReads = ({ db, projectId }: ReadScope): FileReads => ({
  async findByKey(namespace, key) {
    const row = await db
      .selectFrom('file')
      .selectAll()
      .where('project_id', '=', projectId)
      .where('namespace', '=', namespace)
      .where('key', '=', key)
      .where('public', '=', sql.lit(1))
      // What somebody let go of is gone at once, unless others show it; a sweep takes the bytes.
      .where(sql<boolean>`(released_at is null or ${shown(sql.ref('file.id'))})`)
      .executeTakeFirst();
    return row ? fileFrom(row) : null;
  },

  async anyReleased(before) {
    const found =
      await sql`select 1 from file where project_id = ${projectId} and released_at <= ${before} limit 1`.execute(db);
    return found.rows.length > 0;
  },
});

export const fileWrites = ({ db, projectId, clock }: WriteScope): FileWrites => ({
  async keep(file) {
    const now = clock.now();
    // The write locks the row against a sweep that is about to delete it.
    const row = await db
      .insertInto('file')
      .values(rowOf(projectId, file, null, now))
      .onConflict((there) => there.columns(byKey).doUpdateSet({ released_at: null, updated_at: now }))
      .returning('id')
      .executeTakeFirstOrThrow();
    return row.id;
  },

  async announce(file, keptBy) {
    await db
      .insertInto('file')
      .values(rowOf(projectId, file, keptBy, clock.now()))
      .onConflict((there) => there.columns(byKey).doNothing())
      .execute();
  },

  async sweepReleased(before, limit, removeBytes) {
    const released = await db
      .selectFrom('file')
      .select('id')
      .where('project_id', '=', projectId)
      .where('released_at', '<=', before)
      .orderBy('released_at')
      .limit(limit)
      .execute();
    for (const { id } of released) {
      const gone = await sql<Selectable<FileRow>>`delete from file where id = ${id} and released_at <= ${before}
        and not ${shown(id)} returning *`.execute(db);
      const row = gone.rows[0];
      if (row) await removeBytes(fileFrom(row));
      else await sql`update file set released_at = null where id = ${id} and ${shown(id)}`.execute(db);
    }
    return released.length;
  },
});

const byKey = ['project_id', 'namespace', 'key'] as const;

const rowOf = (projectId: string, file: StoredFile, releasedAt: Instant | null, now: Instant): Insertable<FileRow> => ({
  project_id: projectId,
  id: file.id,
  namespace: file.namespace,
  key: file.key,
  organization_id: null,
  user_id: null,
  content_type: file.contentType,
  size: file.size,
  sha256: file.sha256,
  public: 1,
  state: 'stored',
  driver: file.driver,
  upload_expires_at: null,
  released_at: releasedAt,
  created_at: file.createdAt,
  updated_at: now,
});

/** Somebody points to the file. */
const shown = (id: Id | RawBuilder<unknown>) => sql`(
  exists (select 1 from "user" where image_file_id = ${id})
  or exists (select 1 from "user" where banner_file_id = ${id})
  or exists (select 1 from organization where image_file_id = ${id})
  or exists (select 1 from membership where image_file_id = ${id}))`;

/** Part of every write that lets go of files: a sweep looks whether somebody else shows them. */
export async function releaseFiles({ db, clock }: WriteScope, select: RawBuilder<unknown>): Promise<void> {
  await sql`update file set released_at = ${clock.now()} where id in (${select})`.execute(db);
}

/** What a person shows and, after this change or erasure, no longer does. */
export async function releaseImages(scope: WriteScope, userId: Id, change: UserChange | 'all'): Promise<void> {
  const { projectId } = scope;
  const of = (column: string) =>
    sql`select ${sql.ref(column)} from "user" where project_id = ${projectId} and id = ${userId}`;
  if (change === 'all' || change.imageFileId !== undefined) await releaseFiles(scope, of('image_file_id'));
  if (change === 'all' || change.bannerFileId !== undefined) await releaseFiles(scope, of('banner_file_id'));
  if (change !== 'all') return;
  await releaseFiles(
    scope,
    sql`select image_file_id from membership where project_id = ${projectId} and user_id = ${userId}`,
  );
}

const fileFrom = (row: Selectable<FileRow>): StoredFile => ({
  id: row.id,
  namespace: row.namespace,
  key: row.key,
  contentType: row.content_type,
  size: row.size!,
  sha256: row.sha256!,
  driver: row.driver,
  createdAt: row.created_at,
});
