import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Id } from '../../base/ids.ts';
import type { Person } from '../../core/users/user.ts';
import type {
  FilterField,
  FilterOperator,
  FilterValue,
  SortField,
  TextOperator,
  UserQuery,
} from '../../core/users/user-query.ts';
import type { Database } from '../schema.ts';
import { personFrom, selectPerson } from './person-row.ts';
import type { ReadScope } from './scope.ts';

type Condition = RawBuilder<boolean>;

/**
 * One page of people and the number of all that match. Ids are found first, from indexes alone where the question
 * allows it; only the page itself is read whole.
 */
export async function userPage(
  { db, projectId }: ReadScope,
  query: UserQuery,
): Promise<{ readonly people: readonly Person[]; readonly total: number }> {
  const conditions = [sql<boolean>`u.project_id = ${projectId}`, ...searched(query), ...filtered(query)];
  const matching = sql`from "user" u ${joinFor(query)} where ${sql.join(conditions, sql` and `)}`;
  const order = orderOf(query.sort);
  const [page, count] = await Promise.all([
    sql<{ id: Id }>`select u.id ${matching} order by ${order} limit ${query.limit} offset ${query.offset}`.execute(db),
    sql<{ total: number }>`select count(*) as total ${matching}`.execute(db),
  ]);
  const ids = page.rows.map(({ id }) => id);
  return { people: await peopleOf(db, projectId, ids), total: Number(count.rows[0]!.total) };
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

/** The primary address is joined only where it is asked about. */
function joinFor({ search, filter, sort }: UserQuery): RawBuilder<unknown> {
  const asked: readonly (string | undefined)[] = [search?.field, filter?.field, sort?.field];
  if (!asked.includes('email') && !asked.includes('emailVerified')) return sql``;
  return sql`left join email e on e.user_id = u.id and e.project_id = u.project_id and e.is_primary = 1`;
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

const filterColumns: { readonly [field in FilterField]: RawBuilder<unknown> } = {
  id: sql`u.id`,
  email: sql`e.normal`,
  emailVerified: truth(sql`e.verified_at is not null`),
  displayName: sql`coalesce(u.display_name, '')`,
  username: sql`u.username_normal`,
  role: shownRoles,
  banned: truth(sql`u.banned_at is not null`),
  banReason: sql`u.ban_reason`,
  banExpiresAt: sql`u.ban_expires_at`,
  createdAt: sql`u.created_at`,
  updatedAt: sql`u.updated_at`,
};

const comparisons: { readonly [operator in FilterOperator]?: RawBuilder<unknown> } = {
  eq: sql`=`,
  lt: sql`<`,
  lte: sql`<=`,
  gt: sql`>`,
  gte: sql`>=`,
};

function filtered({ filter }: UserQuery): Condition[] {
  if (!filter) return [];
  const { field, operator } = filter;
  const column = filterColumns[field];
  const values = filter.values.map((value) => stored(field, value));
  const [first] = values;
  if (operator === 'in') return [values.length === 0 ? sql<boolean>`1 = 0` : sql`${column} in (${sql.join(values)})`];
  if (operator === 'not_in') return values.length === 0 ? [] : [differs(column, sql`not in (${sql.join(values)})`)];
  if (first === undefined) return [];
  if (operator === 'ne') return [differs(column, sql`<> ${first}`)];
  const comparison = comparisons[operator];
  if (!comparison) return [like(column, operator as TextOperator, String(first))];
  if (field === 'role' && operator === 'eq') return [hasRoles(String(first))];
  return [sql<boolean>`${column} ${comparison} ${first}`];
}

/** Somebody without a value also differs from one. */
const differs = (column: RawBuilder<unknown>, test: RawBuilder<unknown>): Condition =>
  sql<boolean>`(${column} is null or ${column} ${test})`;

/** Starts from the few who hold the role, not from everybody. */
function hasRoles(shown: string): Condition {
  const [key] = shown.split(',');
  const holders = sql`select ug.user_id from user_grant ug join grantable g on g.id = ug.grantable_id
    where g.project_id = u.project_id and g.kind = 'role' and g.scope = 'project'`;
  if (shown !== 'user') return sql`(u.id in (${holders} and g.key = ${key}) and ${shownRoles} = ${shown})`;
  return sql`(u.id not in (${holders}) or ${shownRoles} = 'user')`;
}

function stored(field: FilterField, value: FilterValue): string | number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' && (field === 'email' || field === 'username') ? value.toLowerCase() : value;
}

const sortColumns: { readonly [field in SortField]: RawBuilder<unknown> } = {
  id: sql`u.id`,
  email: sql`e.normal`,
  displayName: sql`lower(u.display_name)`,
  username: sql`u.username_normal`,
  createdAt: sql`u.created_at`,
  updatedAt: sql`u.updated_at`,
};

/** The engines differ in where they put missing values: here they are last either way. */
function orderOf(sort: UserQuery['sort']): RawBuilder<unknown> {
  if (!sort || sort.field === 'id') return sort?.direction === 'desc' ? sql`u.id desc` : sql`u.id`;
  const column = sortColumns[sort.field];
  const nulls = sort.direction === 'desc' ? sql`desc nulls last` : sql`asc nulls last`;
  return sql`${column} ${nulls}, u.id ${sql.raw(sort.direction)}`;
}
