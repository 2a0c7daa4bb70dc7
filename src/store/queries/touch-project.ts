import { sql } from 'kysely';
import type { ProjectRow } from '../schema.ts';
import type { WriteScope } from './scope.ts';

/** Other nodes are told; who did not hear sees by this time that the project has to be read again. */
export function touchProject(
  { db, projectId, changes }: Pick<WriteScope, 'db' | 'projectId' | 'changes'>,
  now: ProjectRow['updated_at'],
) {
  changes.project();
  return db
    .updateTable('project')
    .set({ updated_at: sql<typeof now>`case when updated_at >= ${now} then updated_at + 1 else ${now} end` })
    .where('id', '=', projectId)
    .execute();
}
