import type { Instant } from '../base/clock.ts';
import type { EventReads, EventWrites } from './audit/event.ts';
import type { CliLoginReads, CliLoginWrites } from './cli-login/cli-login.ts';
import type { OneTimeValueReads, OneTimeValueWrites } from './codes/one-time-value.ts';
import type { FactorReads, FactorWrites } from './factors/factor-store.ts';
import type { FileReads, FileWrites } from './files/stored-file.ts';
import type { IdentityReads, IdentityWrites } from './identities/identity.ts';
import type { JobReads, JobWrites, MailCaptureReads, MailCaptureWrites } from './jobs/job.ts';
import type { KeyReads, KeyWrites } from './keys/key-store.ts';
import type { KnownNetworkReads, KnownNetworkWrites } from './networks/known-network.ts';
import type { PreferenceReads, PreferenceWrites } from './notifications/preferences.ts';
import type { InvitationReads, InvitationWrites } from './orgs/invitation.ts';
import type { MembershipReads, MembershipWrites } from './orgs/membership.ts';
import type { OrganizationReads, OrganizationWrites } from './orgs/organization.ts';
import type { OrganizationRoleReads, OrganizationRoleWrites } from './orgs/role.ts';
import type { TeamReads, TeamWrites } from './orgs/team.ts';
import type { PasskeyReads, PasskeyWrites } from './passkeys/passkey.ts';
import type { GrantReads, GrantWrites } from './permissions/grant-graph.ts';
import type { ProjectKeyReads, ProjectKeyWrites } from './projects/project-key.ts';
import type { ProjectReads, ProjectWrites } from './projects/project-record.ts';
import type { ProfileReads } from './search/profile-terms.ts';
import type { PendingSignInReads, PendingSignInWrites, SessionReads, SessionWrites } from './sessions/session-store.ts';
import type { SigningKeyReads, SigningKeyWrites } from './signing/signing-key.ts';
import type {
  EmailReads,
  EmailWrites,
  PasswordReads,
  PasswordWrites,
  RoleReads,
  UserReads,
  UserWrites,
} from './users/user-store.ts';

/** What can be asked. Every question is about one project: the store was opened for it (rule 31). */
export interface Reads {
  readonly project: ProjectReads;
  readonly projectKeys: ProjectKeyReads;
  readonly users: UserReads;
  readonly profiles: ProfileReads;
  readonly files: FileReads;
  readonly emails: EmailReads;
  readonly roles: RoleReads;
  readonly grants: GrantReads;
  readonly apiKeys: KeyReads;
  readonly passwords: PasswordReads;
  readonly sessions: SessionReads;
  readonly pendingSignIns: PendingSignInReads;
  readonly codes: OneTimeValueReads;
  readonly cliLogins: CliLoginReads;
  readonly factors: FactorReads;
  readonly passkeys: PasskeyReads;
  readonly identities: IdentityReads;
  readonly organizations: OrganizationReads;
  readonly memberships: MembershipReads;
  readonly organizationRoles: OrganizationRoleReads;
  readonly invitations: InvitationReads;
  readonly teams: TeamReads;
  readonly signingKeys: SigningKeyReads;
  readonly preferences: PreferenceReads;
  readonly knownNetworks: KnownNetworkReads;
  readonly events: EventReads;
  readonly jobs: JobReads;
  readonly mail: MailCaptureReads;
  readonly ended: EndedReads;
}

/** What a transaction can also do. */
export interface Tx extends Reads {
  readonly project: ProjectReads & ProjectWrites;
  readonly projectKeys: ProjectKeyReads & ProjectKeyWrites;
  readonly users: UserReads & UserWrites;
  readonly files: FileReads & FileWrites;
  readonly emails: EmailReads & EmailWrites;
  readonly grants: GrantReads & GrantWrites;
  readonly apiKeys: KeyReads & KeyWrites;
  readonly passwords: PasswordReads & PasswordWrites;
  readonly sessions: SessionReads & SessionWrites;
  readonly pendingSignIns: PendingSignInReads & PendingSignInWrites;
  readonly codes: OneTimeValueReads & OneTimeValueWrites;
  readonly cliLogins: CliLoginReads & CliLoginWrites;
  readonly factors: FactorReads & FactorWrites;
  readonly passkeys: PasskeyReads & PasskeyWrites;
  readonly identities: IdentityReads & IdentityWrites;
  readonly organizations: OrganizationReads & OrganizationWrites;
  readonly memberships: MembershipReads & MembershipWrites;
  readonly organizationRoles: OrganizationRoleReads & OrganizationRoleWrites;
  readonly invitations: InvitationReads & InvitationWrites;
  readonly teams: TeamReads & TeamWrites;
  readonly signingKeys: SigningKeyReads & SigningKeyWrites;
  readonly preferences: PreferenceReads & PreferenceWrites;
  readonly knownNetworks: KnownNetworkReads & KnownNetworkWrites;
  readonly events: EventReads & EventWrites;
  readonly jobs: JobReads & JobWrites;
  readonly mail: MailCaptureReads & MailCaptureWrites;
  readonly ended: EndedReads & EndedWrites;
}

/**
 * Memory of one project.
 * `transaction` commits what the callback did and returns its outcome; a thrown error rolls back. A refusal that must
 * leave something behind (a counter, an event) is therefore returned, not thrown (core map M3). On PostgreSQL the
 * callback may run again after a serialization failure, so it does nothing but talk to `tx`.
 */
export interface Store {
  readonly read: Reads;
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** Rows of which nothing is left but that they were. */
export type Ended =
  | 'session'
  | 'pending_sign_in'
  | 'one_time_value'
  | 'cli_login'
  | 'known_network'
  | 'done_job'
  | 'kept_mail'
  | 'invitation'
  | 'username_hold'
  | 'trusted_device'
  | 'parked_job'
  | 'expired_key'
  | 'revoked_key'
  | 'expired_project_key'
  | 'revoked_project_key'
  | 'deleted_organization';

export interface EndedReads {
  /** Is there one that ended before? Asked first, so that a sweep that has nothing to do takes no lock. */
  any(what: Ended, before: Instant): Promise<boolean>;
}

export interface EndedWrites {
  /** Deletes those that ended before, `limit` at most. How many there were. */
  sweep(what: Ended, before: Instant, limit: number): Promise<number>;
}

/**
 * What the server keeps things in did not answer, or not in time: the database, or the folder of files. Nothing is known
 * to be written; a COMMIT under way may have been.
 */
export class StoreUnavailable extends Error {
  constructor(cause: unknown, what = 'the database does not answer') {
    super(`${what}: ${(cause as Error).message}`, { cause });
    this.name = 'StoreUnavailable';
  }
}

/** Something that the transaction rests on was changed beside it: it begins anew, and its work reads again. */
export class LostRace extends Error {
  constructor() {
    super('what the transaction read was changed beside it');
    this.name = 'LostRace';
  }
}

/**
 * A unique index refused the write. The use case says which refusal that is, outside the transaction: a statement that
 * failed dooms it on both engines, and a conflict caught inside is thrown again at COMMIT.
 */
export class Conflict extends Error {
  /** Name of the index. */
  readonly index: string;

  constructor(index: string) {
    super(`unique index ${index} refused a row`);
    this.name = 'Conflict';
    this.index = index;
  }
}
