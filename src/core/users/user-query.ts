import type { Id } from '../../base/ids.ts';

/** What people can be searched, filtered and sorted by. Anything else never reaches a query. */
export const filterFields = [
  'id',
  'email',
  'emailVerified',
  'displayName',
  'username',
  'role',
  'banned',
  'banReason',
  'banExpiresAt',
  'createdAt',
  'updatedAt',
] as const;
export type FilterField = (typeof filterFields)[number];

export const sortFields = ['id', 'email', 'displayName', 'username', 'createdAt', 'updatedAt'] as const;
export type SortField = (typeof sortFields)[number];

export const searchFields = ['email', 'displayName'] as const;
export type SearchField = (typeof searchFields)[number];

export const textOperators = ['contains', 'starts_with', 'ends_with'] as const;
export type TextOperator = (typeof textOperators)[number];

export const filterOperators = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'not_in', ...textOperators] as const;
export type FilterOperator = (typeof filterOperators)[number];

export type FilterKind = 'text' | 'truth' | 'time';

/** How values of a field are read and compared. */
export const filterKinds: { readonly [field in FilterField]: FilterKind } = {
  id: 'text',
  email: 'text',
  emailVerified: 'truth',
  displayName: 'text',
  username: 'text',
  role: 'text',
  banned: 'truth',
  banReason: 'text',
  banExpiresAt: 'time',
  createdAt: 'time',
  updatedAt: 'time',
};

export type FilterValue = string | number | boolean;

export interface UserFilter {
  readonly field: FilterField;
  readonly operator: FilterOperator;
  /** One for most operators, several for `in` and `not_in`. Already of the field's kind. */
  readonly values: readonly FilterValue[];
}

export interface UserQuery {
  readonly search: { readonly field: SearchField; readonly operator: TextOperator; readonly text: string } | null;
  readonly filter: UserFilter | null;
  /** Null: in the order in which people came. */
  readonly sort: { readonly field: SortField; readonly direction: 'asc' | 'desc' } | null;
  readonly limit: number;
  readonly offset: number;
}

/** Who is in the list that the project's services read, and which part of it. */
export interface UserBrowse {
  /** Members of this organization; absent: everybody. */
  readonly organizationId?: Id;
  /** An id, or part of a name or of any address, in any case. */
  readonly search?: string;
  readonly anonymous: 'without' | 'with' | 'only';
  /** Also people who are held back, by the server or because their address is not proven. */
  readonly restricted: boolean;
  /** Held back without a proven address. */
  readonly mustVerify: boolean;
  /** Ties are broken by id. Whoever was never active counts from their sign-up. */
  readonly orderBy: 'signedUpAt' | 'lastActiveAt';
  readonly descending: boolean;
  /** From this one on, themselves included. */
  readonly from?: Id;
  readonly limit?: number;
}
