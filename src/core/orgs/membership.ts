import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

/** A person in an organization. */
export interface Member {
  readonly id: Id;
  readonly organizationId: Id;
  readonly userId: Id;
  /** Names of their roles, in the order in which they were given. */
  readonly roles: readonly string[];
  /** One of the roles makes an owner. */
  readonly owner: boolean;
  readonly person: MemberPerson;
  /** What they show here in place of their own; a null is not in place of anything. */
  readonly shown: MemberProfile;
  readonly createdAt: Instant;
}

export interface MemberProfile {
  readonly displayName: string | null;
  readonly imageUrl: string | null;
  readonly imageKey: string | null;
}

/** Absent: unchanged. */
export interface MemberChange {
  readonly displayName?: string | null;
  readonly imageUrl?: string | null;
  readonly imageFileId?: Id | null;
}

/** What other members see of a person. */
export interface MemberPerson {
  readonly displayName: string | null;
  readonly imageUrl: string | null;
  readonly imageKey: string | null;
  /** The primary address. */
  readonly email: string | null;
}

export const memberFields = ['id', 'userId', 'organizationId', 'role', 'createdAt'] as const;
export type MemberField = (typeof memberFields)[number];

export const filterOperators = [
  'eq',
  'ne',
  'lt',
  'lte',
  'gt',
  'gte',
  'in',
  'not_in',
  'contains',
  'starts_with',
  'ends_with',
] as const;
export type FilterOperator = (typeof filterOperators)[number];

export interface MemberFilter {
  readonly field: MemberField;
  readonly operator: FilterOperator;
  /** Several only for `in` and `not_in`. Times in milliseconds. */
  readonly values: readonly (string | number)[];
}

export interface MemberPage {
  readonly limit: number;
  readonly offset?: number;
  readonly sortBy?: MemberField;
  readonly descending?: boolean;
  readonly filter?: MemberFilter;
}

export interface MembershipReads {
  find(id: Id): Promise<Member | null>;
  findOf(organizationId: Id, userId: Id): Promise<Member | null>;
  /** By an address the person signs in with. */
  findByAddress(organizationId: Id, addressNormal: string): Promise<Member | null>;
  list(organizationId: Id, page: MemberPage): Promise<{ readonly members: readonly Member[]; readonly total: number }>;
  count(organizationId: Id): Promise<number>;
  countOwners(organizationId: Id): Promise<number>;
  listOfUser(userId: Id): Promise<readonly Member[]>;
  /** Those of an organization, of a person, or all, as they joined. */
  listAll(of: { readonly organizationId?: Id; readonly userId?: Id }): Promise<readonly Member[]>;
}

export interface MembershipWrites {
  insert(membership: Pick<Member, 'id' | 'organizationId' | 'userId' | 'createdAt'>): Promise<void>;
  update(id: Id, change: MemberChange, now: Instant): Promise<void>;
  /** The member has exactly these roles and permissions afterwards, in this order. */
  setRoles(id: Id, roleIds: readonly Id[], grantedBy: Id | null, now: Instant): Promise<void>;
  remove(id: Id): Promise<void>;
  removeAllOf(organizationId: Id): Promise<void>;
}
