import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { Metadata } from '../metadata.ts';

export interface Organization {
  readonly id: Id;
  /** May be empty. */
  readonly name: string;
  /** As written; compared by `slugNormal`. */
  readonly slug: string;
  readonly slugNormal: string;
  readonly imageUrl: string | null;
  /** A file of ours, in place of an address. */
  readonly imageFileId: Id | null;
  /** Namespace and key of that file. */
  readonly imageKey: string | null;
  /** Whose personal organization this is. A label, not a lock (core map O2). */
  readonly personalOfUserId: Id | null;
  /** Everybody in it sees the first two; only the project's servers write the last two. */
  readonly metadataClient: Metadata;
  readonly metadataReadonly: Metadata;
  readonly metadataServer: Metadata;
  readonly createdBy: Id | null;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

/** Absent: unchanged. */
export type OrganizationChange = Partial<
  Pick<
    Organization,
    | 'name'
    | 'slug'
    | 'slugNormal'
    | 'imageUrl'
    | 'imageFileId'
    | 'metadataClient'
    | 'metadataReadonly'
    | 'metadataServer'
    | 'personalOfUserId'
  >
>;

/** Which organizations, and which part of the list. */
export interface OrganizationPage {
  /** Those this person belongs to; absent: all. */
  readonly userId?: Id;
  /** An id, or part of a name in any case. */
  readonly search?: string;
  readonly descending: boolean;
  /** From this one on, it included. One that is not in the list is refused by an empty page. */
  readonly from?: Id;
  readonly limit?: number;
}

/** Deleted organizations are not found by any of these: only events and bills still name them. */
export interface OrganizationReads {
  find(id: Id): Promise<Organization | null>;
  findBySlug(normal: string): Promise<Organization | null>;
  /** Those a person belongs to, in the order in which they joined. */
  listOf(userId: Id): Promise<readonly Organization[]>;
  /** By the time they were made. */
  page(page: OrganizationPage): Promise<readonly Organization[]>;
  findPersonal(userId: Id): Promise<Organization | null>;
}

export interface OrganizationWrites {
  /** The organization, which no other transaction changes before this one ends: limits and owners are counted under it. */
  lock(id: Id): Promise<Organization | null>;
  /** How many a person belongs to, personal ones aside. No other transaction counts for them before this one ends. */
  countLocked(userId: Id): Promise<number>;
  insert(organization: Omit<Organization, 'imageKey'>): Promise<void>;
  update(id: Id, change: OrganizationChange, now: Instant): Promise<void>;
  /** Marks it deleted; the row stays for those who refer to it. */
  end(id: Id, now: Instant): Promise<void>;
}
