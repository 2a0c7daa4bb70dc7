import { sql } from 'kysely';
import type { Ended, EndedWrites } from '../../core/store.ts';
import type { WriteScope } from './scope.ts';

interface EndedRows {
  readonly table: string;
  readonly key: string;
  /** When it ended, before the time that is put in its place. */
  readonly endedBefore: (time: unknown) => ReturnType<typeof sql>;
}

/** Each condition begins with a column that has an index of its own beside the project. */
const endedRows: Readonly<Record<Ended, EndedRows>> = {
  kept_mail: { table: 'mail_capture', key: 'id', endedBefore: (time) => sql`created_at < ${time}` },
  invitation: { table: 'invitation', key: 'id', endedBefore: (time) => sql`expires_at < ${time}` },
  username_hold: { table: 'username_hold', key: 'normal', endedBefore: (time) => sql`until < ${time}` },
  trusted_device: { table: 'device', key: 'id', endedBefore: (time) => sql`trusted_until < ${time}` },
  parked_job: { table: 'job', key: 'id', endedBefore: (time) => sql`state = 'parked' and updated_at < ${time}` },
  expired_key: { table: 'api_key', key: 'id', endedBefore: (time) => sql`expires_at < ${time}` },
  revoked_key: { table: 'api_key', key: 'id', endedBefore: (time) => sql`revoked_at < ${time}` },
};

export const endedWrites = ({ db, projectId }: WriteScope): EndedWrites => ({
  async sweep(what, before, limit) {
    const { table, key, endedBefore } = endedRows[what];
    const [from, named] = [sql.table(table), sql.ref(key)];
    const gone = await sql`delete from ${from} where project_id = ${projectId} and ${named} in
      (select ${named} from ${from} where project_id = ${projectId} and ${endedBefore(before)} limit ${limit})`.execute(
      db,
    );
    return Number(gone.numAffectedRows ?? 0);
  },
});
