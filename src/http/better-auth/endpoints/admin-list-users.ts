import { type Static, Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { listUsers as list } from '../../../core/users/list-users.ts';
import {
  type FilterOperator,
  filterOperators,
  type PersonField,
  type QueryField,
  type SearchField,
  textOperators,
  type UserQuery,
} from '../../../core/users/user-query.ts';
import { json } from '../../kit/answer.ts';
import { memberField } from '../additional-fields.ts';
import { endpoint } from '../endpoint.ts';
import { userSchema } from '../schemas.ts';
import type { BetterAuthSettings } from '../settings.ts';
import { userWire } from '../wire.ts';

/** Names on the wire to core's; what is not here cannot be asked for. */
const searchNames = { email: 'email', name: 'displayName' } as const satisfies Record<string, SearchField>;
const fieldNames = {
  id: 'id',
  email: 'email',
  emailVerified: 'emailVerified',
  name: 'displayName',
  image: 'image',
  username: 'username',
  displayUsername: 'usernameDisplay',
  twoFactorEnabled: 'secondFactor',
  role: 'role',
  banned: 'banned',
  banReason: 'banReason',
  banExpires: 'banExpiresAt',
  isAnonymous: 'anonymous',
  createdAt: 'createdAt',
  updatedAt: 'updatedAt',
} as const satisfies Record<string, PersonField>;

const oneOf = <T extends string>(names: readonly T[]) =>
  Type.Union(names.map((name) => Type.Literal(name))) as unknown as ReturnType<typeof Type.Literal<T>>;
const namesOf = <T extends object>(table: T) => Object.keys(table) as (keyof T & string)[];

const querySchema = Type.Object({
  searchValue: Type.Optional(Type.String()),
  searchField: Type.Optional(oneOf(namesOf(searchNames))),
  searchOperator: Type.Optional(oneOf(textOperators)),
  limit: Type.Optional(Type.String({ description: 'A number; 0 and what is none are ignored' })),
  offset: Type.Optional(Type.String()),
  sortBy: Type.Optional(Type.String({ description: 'Any member of a user' })),
  sortDirection: Type.Optional(oneOf(['asc', 'desc'])),
  filterField: Type.Optional(Type.String({ description: 'Any member of a user' })),
  filterValue: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  filterOperator: Type.Optional(oneOf(filterOperators)),
});

const defaultLimit = 100;

export const listUsers = endpoint('GET /admin/list-users', {
  needs: 'user_key_or_server',
  fromStore: true,
  operationId: 'listUsers',
  summary: 'Users, searched, filtered, sorted and paged',
  tag: 'Admin',
  query: querySchema,
  replies: {
    200: Type.Object({
      users: Type.Array(userSchema),
      total: Type.Number(),
      limit: Type.Optional(Type.Number()),
      offset: Type.Optional(Type.Number()),
    }),
  },
  async handle(call, me) {
    const { query } = call;
    const limit = count(query.limit);
    const offset = count(query.offset);
    const asked = { ...readQuery(query, call.settings), limit: limit ?? defaultLimit, offset: offset ?? 0 };
    const page = await list(call.ctx, me, asked);
    return json({
      users: page.people.map((person) => userWire(person, call.settings)),
      total: page.total,
      limit: limit && page.limit,
      offset,
    });
  },
});

function count(text: string | undefined): number | undefined {
  const number = Math.floor(Number(text));
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

/** @throws Refusal input_invalid */
function fieldOf(name: string, part: string, settings: BetterAuthSettings): QueryField {
  if (Object.hasOwn(fieldNames, name)) return fieldNames[name as keyof typeof fieldNames];
  const member = memberField(name, settings);
  if (member) return member;
  throw new Refusal('input_invalid', { field: `[query.${part}] Invalid input: no member of a user` });
}

function readQuery(
  query: Static<typeof querySchema>,
  settings: BetterAuthSettings,
): Pick<UserQuery, 'search' | 'filter' | 'sort'> {
  const { searchValue, filterValue, sortBy } = query;
  return {
    search: searchValue
      ? {
          field: searchNames[query.searchField ?? 'email'],
          operator: query.searchOperator ?? 'contains',
          text: searchValue,
        }
      : null,
    filter:
      filterValue === undefined
        ? null
        : {
            field: fieldOf(query.filterField ?? 'email', 'filterField', settings),
            operator: query.filterOperator ?? 'eq',
            values: filterValues(filterValue, query.filterOperator ?? 'eq'),
          },
    sort:
      sortBy === undefined
        ? null
        : { field: fieldOf(sortBy, 'sortBy', settings), direction: query.sortDirection ?? 'asc' },
  };
}

/** Several values come as repeated parameters or as one JSON array. */
function filterValues(given: string | readonly string[], operator: FilterOperator): readonly string[] {
  if (typeof given !== 'string') return given;
  if ((operator !== 'in' && operator !== 'not_in') || !given.startsWith('[')) return [given];
  try {
    return (JSON.parse(given) as unknown[]).map(String);
  } catch {
    return [given];
  }
}
