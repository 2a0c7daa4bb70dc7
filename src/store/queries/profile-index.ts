import { type Kysely, sql } from 'kysely';
import type { Id } from '../../base/ids.ts';
import {
  type Alternative,
  type IndexedProfile,
  type ProfileReads,
  profileTerms,
  type TermQuery,
} from '../../core/search/profile-terms.ts';
import type { User, UserChange } from '../../core/users/user.ts';
import type { EngineName } from '../engine-name.ts';
import type { Database } from '../schema.ts';
import type { ReadScope, WriteScope } from './scope.ts';

/** Terms hold letters and digits only, so quoting them is all the escaping there is. */
interface Spelling {
  readonly quote: string;
  readonly and: string;
  readonly or: string;
  readonly prefix: string;
}
const spellings: { readonly [engine in EngineName]: Spelling } = {
  sqlite: { quote: '"', and: ' AND ', or: ' OR ', prefix: '*' },
  postgres: { quote: "'", and: ' & ', or: ' | ', prefix: ':*' },
};

function queryText(query: TermQuery, { quote, and, or, prefix }: Spelling): string {
  const one = ({ term, prefix: open }: Alternative): string => `${quote}${term}${quote}${open ? prefix : ''}`;
  return query.map((alternatives) => `(${alternatives.map(one).join(or)})`).join(and);
}

export const profileReads = ({ db, engine, projectId }: ReadScope): ProfileReads => ({
  async matching(query, limit) {
    const text = queryText(query, spellings[engine]);
    const found = engine === 'sqlite' ? sqliteMatches : postgresMatches;
    const unfinished = query.some((alternatives) => alternatives.some((one) => one.prefix));
    return (await found(projectId, text, limit, unfinished).execute(db)).rows.map((row) => row.id);
  },
});

/**
 * `cross join` keeps the order of the two: documents that match, then whose they are. Left to statistics from an empty
 * table, SQLite asks for each person whether their document matches: 17 s among 10,000 instead of 3 ms.
 */
const sqliteMatches = (projectId: string, text: string, limit: number) =>
  sql<{ id: Id }>`select d.user_id as id from profile_terms
    cross join profile_search d on d.document = profile_terms.rowid and d.project_id = ${projectId}
   where profile_terms match ${text} order by profile_terms.rowid limit ${limit}`;

/**
 * How many have a term is known to the planner, how many have one that begins so is not. Beginnings are therefore looked
 * up without an order, which could mean sorting everybody.
 */
function postgresMatches(projectId: string, text: string, limit: number, unfinished: boolean) {
  const matches = sql`select user_id as id from profile_search
    where terms @@ ${text}::tsquery and project_id = ${projectId}`;
  return unfinished
    ? sql<{ id: Id }>`select id from (${matches} limit ${limit}) found order by id`
    : sql<{ id: Id }>`${matches} order by user_id limit ${limit}`;
}

/** Fields of a person that the index is made of. */
const indexed: readonly (keyof UserChange)[] = [
  'usernameNormal',
  'displayName',
  'bio',
  'profilePublic',
  'bannedAt',
  'deactivatedAt',
  'restrictedAt',
];
export const changesIndex = (change: UserChange): boolean => indexed.some((field) => change[field] !== undefined);

/** Part of every write of a person. */
export const indexProfile = ({ db, engine, projectId }: WriteScope, user: User): Promise<void> =>
  writeTerms(db, engine, [{ projectId, userId: user.id, profile: user }]);

interface ProfileToIndex {
  readonly projectId: string;
  readonly userId: Id;
  readonly profile: IndexedProfile;
}

/** As many as there are take one statement: their rows travel as one JSON text. */
export async function writeTerms(
  db: Kysely<Database>,
  engine: EngineName,
  people: readonly ProfileToIndex[],
): Promise<void> {
  const entries = people.map(({ projectId, userId, profile }) => ({
    project_id: projectId,
    user_id: userId,
    terms: profileTerms(projectId, profile),
  }));
  if (engine === 'postgres') {
    await sql`insert into profile_search (project_id, user_id, terms)
      select project_id, user_id, array_to_tsvector(terms)
      from jsonb_to_recordset(${JSON.stringify(entries)}::jsonb) as entry (project_id text, user_id text, terms text[])
      on conflict (user_id) do update set terms = excluded.terms`.execute(db);
    return;
  }
  // Triggers keep the text index as the rows are.
  const rows = JSON.stringify(entries.map(({ terms, ...row }) => ({ ...row, terms: terms.join(' ') })));
  await sql`insert into profile_search (project_id, user_id, terms)
    select value ->> 'project_id', value ->> 'user_id', value ->> 'terms' from json_each(${rows}) where true
    on conflict (user_id) do update set terms = excluded.terms where terms <> excluded.terms`.execute(db);
}
