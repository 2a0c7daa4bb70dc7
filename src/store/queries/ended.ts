import { type RawBuilder, sql } from 'kysely';
import type { Ended, EndedReads, EndedWrites } from '../../core/store.ts';
import type { ReadScope, WriteScope } from './scope.ts';

interface EndedRows {
  readonly table: string;
  /** Columns that name a row. */
  readonly key?: readonly string[];
  /** When it ended, before the time that is put in its place. */
  readonly endedBefore: (time: unknown) => RawBuilder<unknown>;
  /** What refers to the row and goes with it: table and column. */
  readonly with?: readonly (readonly [table: string, column: string])[];
}

const expired = (table: string): EndedRows => ({ table, endedBefore: (time) => sql`expires_at < ${time}` });

/** Each condition begins with a column that has an index, beside the project or alone. Project keys are few. */
const endedRows: Readonly<Record<Ended, EndedRows>> = {
  session: expired('session'),
  pending_sign_in: expired('pending_sign_in'),
  one_time_value: expired('one_time_value'),
  cli_login: expired('cli_login'),
  known_network: {
    table: 'known_network',
    key: ['user_id', 'network_mac'],
    endedBefore: (time) => sql`seen_at < ${time}`,
  },
  done_job: { table: 'job', endedBefore: (time) => sql`state = 'done' and updated_at < ${time}` },
  kept_mail: { table: 'mail_capture', endedBefore: (time) => sql`created_at < ${time}` },
  invitation: expired('invitation'),
  username_hold: { table: 'username_hold', key: ['normal'], endedBefore: (time) => sql`until < ${time}` },
  trusted_device: { table: 'device', endedBefore: (time) => sql`trusted_until < ${time}` },
  parked_job: { table: 'job', endedBefore: (time) => sql`state = 'parked' and updated_at < ${time}` },
  expired_key: expired('api_key'),
  revoked_key: { table: 'api_key', endedBefore: (time) => sql`revoked_at < ${time}` },
  expired_project_key: expired('project_key'),
  revoked_project_key: { table: 'project_key', endedBefore: (time) => sql`revoked_at < ${time}` },
  deleted_organization: {
    table: 'organization',
    endedBefore: (time) => sql`deleted_at < ${time}`,
    with: [
      ['invitation', 'organization_id'],
      ['api_key', 'owner_organization_id'],
    ],
  },
};

export const endedReads = ({ db, projectId }: ReadScope): EndedReads => ({
  async any(what, before) {
    const { table, endedBefore } = endedRows[what];
    const found = await sql`select 1 from ${sql.table(table)}
      where project_id = ${projectId} and ${endedBefore(before)} limit 1`.execute(db);
    return found.rows.length > 0;
  },
});

export const endedWrites = ({ db, projectId }: WriteScope): EndedWrites => ({
  async sweep(what, before, limit) {
    const { table, key = ['id'], endedBefore, with: others = [] } = endedRows[what];
    const [from, named] = [sql.table(table), sql.join(key.map((column) => sql.ref(column)))];
    // The same rows each time they are asked for.
    const inOrder = others.length > 0 ? sql`order by ${named}` : sql``;
    const ended = sql`select ${named} from ${from}
      where project_id = ${projectId} and ${endedBefore(before)} ${inOrder} limit ${limit}`;
    for (const [other, column] of others) {
      await sql`delete from ${sql.table(other)} where project_id = ${projectId} and ${sql.ref(column)} in (${ended})`.execute(
        db,
      );
    }
    const gone = await sql`delete from ${from} where project_id = ${projectId} and (${named}) in (${ended})`.execute(
      db,
    );
    return Number(gone.numAffectedRows ?? 0);
  },
});
