import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { WayIn } from '../credentials/way-in.ts';
import type { Email, EmailProof, Person, User, UserChange } from './user.ts';
import type { Credentials } from './user-details.ts';
import type { UserBrowse, UserQuery } from './user-query.ts';

/** A session was used. */
export interface SessionUse {
  readonly id: Id;
  readonly at: Instant;
}

export interface UserReads {
  find(id: Id): Promise<Person | null>;
  /** In the order of the ids, without those that are gone. */
  findMany(ids: readonly Id[]): Promise<readonly Person[]>;
  findByUsername(normal: string): Promise<Person | null>;
  /** Those whose id starts so; a few at most. @param start digits and hyphens, up to a hyphen */
  listByIdStart(start: string): Promise<readonly Person[]>;
  /** The person who signs in with this address. */
  findByAuthEmail(normal: string): Promise<Person | null>;
  /** Held also when its owner is gone and the hold has not run out. */
  usernameTaken(normal: string, now: Instant, exceptUserId?: Id): Promise<boolean>;
  list(page: { readonly search?: string; readonly limit: number; readonly after?: Id }): Promise<readonly Person[]>;
  /** A page for administrators, and how many match in all. */
  page(query: UserQuery): Promise<{ readonly people: readonly Person[]; readonly total: number }>;
  /** A part of the list that the project's services read, in the order of sign-up. */
  browse(query: UserBrowse): Promise<readonly Person[]>;
  /** How each of these people signs in, as far as wires show it. */
  credentials(ids: readonly Id[]): Promise<ReadonlyMap<Id, Credentials>>;
  count(): Promise<number>;
  /** Anonymous people without a session who were last seen before, those idle for longest first. */
  idleAnonymous(before: Instant, page: { readonly limit: number }): Promise<readonly Id[]>;
}

export interface UserWrites {
  /**
   * From here to the end of the transaction nobody else holds this person: what is read of them afterwards stays true.
   * Everybody holds a person before deciding about or ending their access, so neither can slip in beside the other.
   * @param seen the person as they were read before, in this transaction
   * @throws LostRace their access was changed since: the transaction begins anew
   */
  hold(id: Id, seen?: Pick<Person, 'credentialsChangedAt' | 'bannedAt' | 'deactivatedAt'>): Promise<void>;
  insert(user: User): Promise<void>;
  update(id: Id, change: UserChange, now: Instant): Promise<void>;
  /** The person signed up now. One conditional write: of any number of callers one gets true. */
  endAnonymity(id: Id, now: Instant): Promise<boolean>;
  /** When sessions of theirs were used last. Written when what is there is older by `stepMs`. */
  noteActivity(uses: readonly SessionUse[], stepMs: number): Promise<void>;
  /** The organization is selected no longer: by this person, or by anybody. */
  deselect(organizationId: Id, userId: Id | null, now: Instant): Promise<void>;
  /** Erases the person and everything that is theirs. Events stay, without anything personal in them. */
  erase(id: Id): Promise<void>;
  holdUsername(normal: string, until: Instant | null, reason: string): Promise<void>;
  setRoles(id: Id, roles: readonly string[], grantedBy: Id | null, now: Instant): Promise<void>;
}

export interface EmailReads {
  find(id: Id): Promise<Email | null>;
  findForAuth(normal: string): Promise<Email | null>;
  listOf(userId: Id): Promise<readonly Email[]>;
  /** Oldest first. */
  listAll(): Promise<readonly Email[]>;
}

export interface EmailWrites {
  insert(email: Email): Promise<void>;
  /** False: no longer there, or no longer this address. */
  markVerified(id: Id, normal: string, by: EmailProof, now: Instant): Promise<boolean>;
  /** Replaces the address in its row; the row keeps its id. */
  replace(
    id: Id,
    change: {
      readonly value: string;
      readonly normal: string;
      readonly verifiedAt: Instant | null;
      readonly verifiedBy: EmailProof | null;
    },
    now: Instant,
  ): Promise<void>;
  /** No address of the person is the primary one from then on: before another becomes it. */
  demote(userId: Id, now: Instant): Promise<void>;
  /** Absent: unchanged. */
  setUse(id: Id, use: { readonly isPrimary?: boolean; readonly usedForAuth?: boolean }, now: Instant): Promise<void>;
  remove(id: Id): Promise<void>;
}

/** Project-scope roles. */
export interface RoleReads {
  exists(key: string): Promise<boolean>;
  /** Is there anybody but `except` who has one of these roles or ids, and is neither banned nor deactivated? */
  isHeldByAnother(
    holders: { readonly roles: readonly string[]; readonly userIds: readonly Id[]; readonly except: Id | null },
    now: Instant,
  ): Promise<boolean>;
}

export interface PasswordRecord extends WayIn {
  readonly userId: Id;
  /** PHC or MCF string. */
  readonly hash: string;
  readonly setAt: Instant;
  readonly changedAt: Instant;
}

export interface PasswordReads {
  find(userId: Id): Promise<PasswordRecord | null>;
}

export interface PasswordWrites {
  set(record: PasswordRecord): Promise<void>;
  /** Replaces the hash only if it is still `from`. False: somebody changed the password meanwhile. */
  rehash(userId: Id, from: string, to: string): Promise<boolean>;
  remove(userId: Id): Promise<boolean>;
}
