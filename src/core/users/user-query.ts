import type { Id } from '../../base/ids.ts';

/** What people can be filtered and sorted by. Anything else never reaches a query. */
export const personFields = [
  'id',
  'email',
  'emailVerified',
  'displayName',
  'image',
  'username',
  'usernameDisplay',
  'secondFactor',
  'role',
  'banned',
  'banReason',
  'banExpiresAt',
  'anonymous',
  'createdAt',
  'updatedAt',
] as const;
export type PersonField = (typeof personFields)[number];

/** A member of one of the person's field groups, whose values of another kind count as none. */
export interface MemberField {
  readonly group: 'metadataClient' | 'metadataReadonly';
  /** From the configuration, never from a request. */
  readonly member: string;
  readonly kind: FilterKind;
  /** The value of whoever has none. */
  readonly fallback: FilterValue | null;
}

export type QueryField = PersonField | MemberField;

export const searchFields = ['email', 'displayName'] as const;
export type SearchField = (typeof searchFields)[number];

export const textOperators = ['contains', 'starts_with', 'ends_with'] as const;
export type TextOperator = (typeof textOperators)[number];

export const filterOperators = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'in', 'not_in', ...textOperators] as const;
export type FilterOperator = (typeof filterOperators)[number];

/** `moment` is a time as ISO 8601, `list` an array as JSON. */
export type FilterKind = 'text' | 'truth' | 'time' | 'number' | 'moment' | 'list';

/** How values of a field are read and compared. */
export const filterKinds: { readonly [field in PersonField]: FilterKind } = {
  id: 'text',
  email: 'text',
  emailVerified: 'truth',
  displayName: 'text',
  image: 'text',
  username: 'text',
  usernameDisplay: 'text',
  secondFactor: 'truth',
  role: 'text',
  banned: 'truth',
  banReason: 'text',
  banExpiresAt: 'time',
  anonymous: 'truth',
  createdAt: 'time',
  updatedAt: 'time',
};

export const kindOf = (field: QueryField): FilterKind => (typeof field === 'string' ? filterKinds[field] : field.kind);

export type FilterValue = string | number | boolean;

export interface UserFilter {
  readonly field: QueryField;
  readonly operator: FilterOperator;
  /** One for most operators, several for `in` and `not_in`. Already of the field's kind. */
  readonly values: readonly FilterValue[];
}

export interface UserQuery {
  readonly search: { readonly field: SearchField; readonly operator: TextOperator; readonly text: string } | null;
  readonly filter: UserFilter | null;
  /** Null: in the order in which people came. */
  readonly sort: { readonly field: QueryField; readonly direction: 'asc' | 'desc' } | null;
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
