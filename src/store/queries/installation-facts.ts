import { type Kysely, sql } from 'kysely';
import type { Id } from '../../base/ids.ts';
import type { Database } from '../schema.ts';

/** What an operator's settings have to fit. Looked at by the start and by doctor, over all projects. */
export interface InstallationFacts {
  /** Passkeys by the relying party they were made for, and the surface. Of `limit` passkeys, if there are more. */
  relyingParties(limit: number): Promise<readonly RelyingPartyCount[]>;
  /** Where the bytes of some stored files should be. */
  someFiles(limit: number): Promise<readonly { projectId: string; namespace: string; key: string }[]>;
}

export interface RelyingPartyCount {
  readonly projectId: Id;
  readonly project: string;
  readonly rpId: string;
  readonly madeBy: string;
  readonly passkeys: number;
}

export const installationFacts = (reader: Kysely<Database>): InstallationFacts => ({
  async relyingParties(limit) {
    const { rows } = await sql<RelyingPartyCount>`
      select p.id as "projectId", p.key as project, k.rp_id as "rpId", k.made_by as "madeBy",
             cast(count(*) as integer) as passkeys
        from (select project_id, rp_id, made_by from passkey limit ${limit}) k
        join project p on p.id = k.project_id
       group by p.id, p.key, k.rp_id, k.made_by
       order by p.key, k.rp_id, k.made_by`.execute(reader);
    return rows;
  },

  someFiles: (limit) =>
    reader
      .selectFrom('file')
      .select(['project_id as projectId', 'namespace', 'key'])
      .where('state', '=', 'stored')
      .where('driver', '=', 'disk')
      .limit(limit)
      .execute(),
});
