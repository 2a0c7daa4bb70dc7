import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Id } from '../../base/ids.ts';
import type { Person } from '../../core/users/user.ts';
import type {
  FilterOperator,
  FilterValue,
  MemberField,
  PersonField,
  QueryField,
  TextOperator,
  UserQuery,
} from '../../core/users/user-query.ts';
import type { EngineName } from '../engine-name.ts';
import type { Database } from '../schema.ts';
import { fileKey, hasMailCode, hasTotp, personFrom, selectPerson } from './person-row.ts';
import type { ReadScope } from './scope.ts';

type Condition = RawBuilder<boolean>;

/** Where ids are looked for, and what an id is there. */
interface Source {
  readonly from: RawBuilder<unknown>;
  readonly id: RawBuilder<unknown>;
  readonly conditions: readonly Condition[];
}

/**
 * One page of people and the number of all that match. Ids are found first, from indexes alone where the question
 * allows it; only the page itself is read whole.
 */
export async function userPage(
  scope: ReadScope,
  query: UserQuery,
): Promise<{ readonly people: readonly Person[]; readonly total: number }> {
  const { sort } = query;
  const source = sourceOf(scope, query);
  const { ids, total } =
    sort === null || sort.field === 'id'
      ? await pageById(scope, source, query)
      : { ids: await sortedPage(scope, query, sort), total: await countOf(scope, source) };
  return { people: await peopleOf(scope.db, scope.projectId, ids), total };
}

/** More matches than this, and a walk in the order of ids soon has its page; fewer are cheaper found and sorted. */
const broad = 10_000;

async function pageById(scope: ReadScope, source: Source, query: UserQuery) {
  const total = await countOf(scope, source);
  if (total <= query.offset) return { ids: [], total };
  const found = total > broad ? sourceOf(scope, query, { fromPerson: true }) : source;
  const direction = sql.raw(query.sort?.direction ?? 'asc');
  const { limit, offset } = query;
  return { ids: await ids(scope.db, found, { order: sql`${found.id} ${direction}`, limit, offset }), total };
}

/** People without a value come last, whichever way the rest goes: the engines would differ. */
async function sortedPage(scope: ReadScope, query: UserQuery, sort: NonNullable<UserQuery['sort']>): Promise<Id[]> {
  const { db } = scope;
  const { limit, offset } = query;
  const { column, nullable } = sortColumn(scope.engine, sort.field);
  const direction = sql.raw(sort.direction);
  const source = sourceOf(scope, query, { sorted: true });
  const order = sql`${column} ${direction}, ${source.id} ${direction}`;
  if (!nullable) return ids(db, source, { order, limit, offset });

  const having = withCondition(source, sql`${column} is not null`);
  const first = await ids(db, having, { order, limit, offset });
  if (first.length === limit) return first;
  // Joined from the person: whoever has no address is in no row of addresses.
  const rest = withCondition(sourceOf(scope, query, { sorted: true, fromPerson: true }), sql`${column} is null`);
  const skipped = offset + first.length - (await countOf(scope, having));
  const page = { order: sql`u.id ${direction}`, limit: limit - first.length, offset: Math.max(0, skipped) };
  return [...first, ...(await ids(db, rest, page))];
}

const all = (conditions: readonly Condition[]) => sql.join([...conditions], sql` and `);
const withCondition = (source: Source, condition: Condition): Source => ({
  ...source,
  conditions: [...source.conditions, condition],
});

async function ids(
  db: Kysely<Database>,
  { from, id, conditions }: Source,
  page: { readonly order: RawBuilder<unknown>; readonly limit: number; readonly offset: number },
): Promise<Id[]> {
  const { rows } = await sql<{ id: Id }>`select ${id} as id ${from} where ${all(conditions)}
    order by ${page.order} limit ${page.limit} offset ${page.offset}`.execute(db);
  return rows.map((row) => row.id);
}

async function countOf({ db }: ReadScope, { from, conditions }: Source): Promise<number> {
  const { rows } = await sql<{ total: number }>`select count(*) as total ${from} where ${all(conditions)}`.execute(db);
  return Number(rows[0]!.total);
}

/** A question about addresses alone is asked of addresses alone; otherwise they are joined where they are asked about. */
function sourceOf(
  { projectId, engine }: ReadScope,
  query: UserQuery,
  { sorted = false, fromPerson = false }: { readonly sorted?: boolean; readonly fromPerson?: boolean } = {},
): Source {
  const { search, filter, sort } = query;
  const conditions = [...searched(query), ...filtered(projectId, engine, query)];
  const asked: readonly (QueryField | undefined)[] = [search?.field, filter?.field, sorted ? sort?.field : undefined];
  const verified = filter?.field === 'emailVerified';
  const ofPeople = asked.some((field) => field !== undefined && field !== 'email' && field !== 'emailVerified');
  // A search, or an order that leaves out missing values, is about people who have an address.
  const ofAddresses =
    search?.field === 'email' ||
    (sorted && sort?.field === 'email') ||
    (verified && filter.operator === 'eq' && filter.values[0] === true);
  if (ofAddresses && !ofPeople && !fromPerson) {
    return {
      from: sql`from email e`,
      id: sql`e.user_id`,
      conditions: [sql<boolean>`e.project_id = ${projectId} and e.is_primary = 1`, ...conditions],
    };
  }
  const joined = asked.includes('email') || asked.includes('emailVerified');
  return {
    from: joined
      ? sql`from "user" u left join email e on e.user_id = u.id and e.project_id = u.project_id and e.is_primary = 1`
      : sql`from "user" u`,
    id: sql`u.id`,
    conditions: [sql<boolean>`u.project_id = ${projectId}`, ...conditions],
  };
}

async function peopleOf(db: Kysely<Database>, projectId: string, ids: readonly Id[]): Promise<Person[]> {
  if (ids.length === 0) return [];
  const rows = await selectPerson(db).where('u.project_id', '=', projectId).where('u.id', 'in', ids).execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    return row ? [personFrom(row)] : [];
  });
}

const foldAscii = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());

/** Stored addresses are lower case; in names only ASCII letters match in either case, which both engines fold alike. */
function searched({ search }: UserQuery): Condition[] {
  if (!search) return [];
  const text = search.text.normalize('NFKC');
  return search.field === 'email'
    ? [like(sql`e.normal`, search.operator, text.toLowerCase())]
    : [like(sql`lower(u.display_name)`, search.operator, foldAscii(text))];
}

const wildcards: { readonly [operator in TextOperator]: (escaped: string) => string } = {
  contains: (text) => `%${text}%`,
  starts_with: (text) => `${text}%`,
  ends_with: (text) => `%${text}`,
};

function like(column: RawBuilder<unknown>, operator: TextOperator, text: string): Condition {
  const pattern = wildcards[operator](text.replaceAll(/[\\%_]/g, '\\$&'));
  return sql<boolean>`${column} like ${pattern} escape '\\'`;
}

const truth = (condition: RawBuilder<unknown>) => sql`case when ${condition} then 1 else 0 end`;
/** As surfaces show them: in the order given, and `user` for whoever has none. */
const shownRoles = sql`coalesce((
  select string_agg(g.key, ',' order by ug.position) from user_grant ug join grantable g on g.id = ug.grantable_id
   where ug.user_id = u.id and g.kind = 'role' and g.scope = 'project'), 'user')`;

const filterColumns: { readonly [field in PersonField]: RawBuilder<unknown> } = {
  id: sql`u.id`,
  email: sql`e.normal`,
  emailVerified: truth(sql`e.verified_at is not null`),
  displayName: sql`coalesce(u.display_name, '')`,
  image: sql`coalesce(${fileKey('u.image_file_id')}, u.image_url)`,
  username: sql`u.username_normal`,
  usernameDisplay: sql`u.username_display`,
  secondFactor: sql`(${hasTotp} | ${hasMailCode})`,
  role: shownRoles,
  banned: truth(sql`u.banned_at is not null`),
  banReason: sql`u.ban_reason`,
  banExpiresAt: sql`u.ban_expires_at`,
  anonymous: sql`u.anonymous`,
  createdAt: sql`u.created_at`,
  updatedAt: sql`u.updated_at`,
};

const columnOf = (engine: EngineName, field: QueryField): RawBuilder<unknown> =>
  typeof field === 'string' ? filterColumns[field] : memberColumn(engine, field);

/** What is kept as the time since when it is so. */
const flagColumns: { readonly [field in PersonField]?: RawBuilder<unknown> } = {
  emailVerified: sql`e.verified_at`,
  banned: sql`u.banned_at`,
};

const comparisons: { readonly [operator in FilterOperator]?: RawBuilder<unknown> } = {
  eq: sql`=`,
  lt: sql`<`,
  lte: sql`<=`,
  gt: sql`>`,
  gte: sql`>=`,
};

function filtered(projectId: string, engine: EngineName, { filter }: UserQuery): Condition[] {
  if (!filter) return [];
  const { field, operator } = filter;
  const column = columnOf(engine, field);
  const values = filter.values.map((value) => stored(field, value));
  const [first] = values;
  const flag = typeof field === 'string' ? flagColumns[field] : undefined;
  if (flag && (operator === 'eq' || operator === 'ne')) {
    const set = (filter.values[0] === true) === (operator === 'eq');
    return [set ? sql`${flag} is not null` : sql`${flag} is null`];
  }
  if (operator === 'in') return [values.length === 0 ? sql<boolean>`1 = 0` : sql`${column} in (${sql.join(values)})`];
  if (operator === 'not_in') return values.length === 0 ? [] : [differs(column, sql`not in (${sql.join(values)})`)];
  if (first === undefined) return [];
  if (operator === 'ne') return [differs(column, sql`<> ${first}`)];
  const comparison = comparisons[operator];
  // As in a search: engines differ in which letters LIKE folds, and in which columns it takes.
  if (!comparison) {
    return [like(sql`lower(cast(${column} as text))`, operator as TextOperator, foldAscii(String(first)))];
  }
  if (field === 'role' && operator === 'eq') return [hasRoles(projectId, String(first))];
  return [sql<boolean>`${column} ${comparison} ${first}`];
}

/** Somebody without a value also differs from one. */
const differs = (column: RawBuilder<unknown>, test: RawBuilder<unknown>): Condition =>
  sql<boolean>`(${column} is null or ${column} ${test})`;

/** Starts from the few who hold a role, not from everybody. */
function hasRoles(projectId: string, shown: string): Condition {
  const holders = (keys: RawBuilder<unknown>) => sql`select ug.user_id from user_grant ug where ug.grantable_id in (
    select g.id from grantable g
     where g.project_id = ${projectId} and g.kind = 'role' and g.scope = 'project' and g.key ${keys})`;
  if (shown === 'user') return sql`u.id not in (${holders(sql`<> 'user'`)})`;
  const [first] = shown.split(',');
  return sql`(u.id in (${holders(sql`= ${first}`)}) and ${shownRoles} = ${shown})`;
}

function stored(field: QueryField, value: FilterValue): string | number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' && (field === 'email' || field === 'username') ? value.toLowerCase() : value;
}

const nullable: ReadonlySet<QueryField> = new Set<PersonField>([
  ...(['email', 'displayName', 'image', 'username', 'usernameDisplay', 'banReason', 'banExpiresAt'] as const),
]);

function sortColumn(engine: EngineName, field: QueryField) {
  const column = field === 'displayName' ? sql`lower(u.display_name)` : columnOf(engine, field);
  return { column, nullable: typeof field !== 'string' || nullable.has(field) };
}

const groupColumns = { metadataClient: sql`u.metadata_client`, metadataReadonly: sql`u.metadata_readonly` } as const;

/** What the engines call the types of JSON values. */
const jsonTypes: {
  readonly [engine in EngineName]: { readonly [kind in MemberField['kind']]: readonly string[] };
} = {
  sqlite: {
    ...{ text: ['text'], moment: ['text'], truth: ['true', 'false'], list: ['array'] },
    ...{ number: ['integer', 'real'], time: ['integer', 'real'] },
  },
  postgres: {
    ...{ text: ['string'], moment: ['string'], truth: ['boolean'], list: ['array'] },
    ...{ number: ['number'], time: ['number'] },
  },
};

/** Other surfaces may have kept anything in the group: a value of another kind counts as none. */
function memberColumn(engine: EngineName, { group, member, kind, fallback }: MemberField): RawBuilder<unknown> {
  const kept = groupColumns[group];
  const types = sql.join(jsonTypes[engine][kind].map((type) => sql.lit(type)));
  const spelled =
    engine === 'sqlite'
      ? { type: sql`json_type(${kept}, ${`$."${member}"`})`, value: sql`${kept} ->> ${`$."${member}"`}` }
      : {
          type: sql`jsonb_typeof(${kept}::jsonb -> ${member}::text)`,
          value: ofKind(kind, sql`(${kept}::jsonb ->> ${member}::text)`),
        };
  const found = sql`case when ${spelled.type} in (${types}) then ${spelled.value} end`;
  return fallback === null
    ? found
    : sql`coalesce(${found}, ${typeof fallback === 'boolean' ? Number(fallback) : fallback})`;
}

/** PostgreSQL takes members out as text. */
function ofKind(kind: MemberField['kind'], value: RawBuilder<unknown>): RawBuilder<unknown> {
  if (kind === 'number' || kind === 'time') return sql`cast(${value} as double precision)`;
  if (kind === 'truth') return truth(sql`${value} = 'true'`);
  return value;
}
