import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

export type InvitationState = 'pending' | 'accepted' | 'rejected' | 'canceled';

export interface Invitation {
  readonly id: Id;
  readonly organizationId: Id;
  readonly address: string;
  readonly addressNormal: string;
  /** By id, so that a role made later under an old name is not given; the name is what lists show. */
  readonly roles: readonly InvitedRole[];
  readonly teamIds: readonly Id[];
  readonly inviterId: Id | null;
  /** Past `expiresAt` a pending one can still be rejected, canceled or extended. */
  readonly state: InvitationState;
  readonly expiresAt: Instant;
  readonly createdAt: Instant;
}

export interface InvitedRole {
  readonly id: Id;
  readonly key: string;
}

export interface InvitationReads {
  find(id: Id): Promise<Invitation | null>;
  findByCode(codeHash: Uint8Array): Promise<Invitation | null>;
  /** Every state, oldest first. */
  listOf(organizationId: Id): Promise<readonly Invitation[]>;
  /** Live ones to any of these addresses, of organizations that exist. */
  listFor(addressesNormal: readonly string[], now: Instant): Promise<readonly Invitation[]>;
  findLive(organizationId: Id, addressNormal: string, now: Instant): Promise<Invitation | null>;
  countLive(organizationId: Id, now: Instant): Promise<number>;
}

export interface InvitationWrites {
  insert(invitation: Invitation, codeHash: Uint8Array): Promise<void>;
  /** Same invitation, longer life, new code: the mailed one cannot be mailed again. */
  extend(id: Id, codeHash: Uint8Array, expiresAt: Instant, now: Instant): Promise<void>;
  /** One conditional write: of any number of decisions on a pending invitation one gets true. */
  decide(id: Id, state: Exclude<InvitationState, 'pending'>, decidedBy: Id | null, now: Instant): Promise<boolean>;
  cancelAllOf(organizationId: Id, decidedBy: Id | null, now: Instant): Promise<void>;
  /** Pending ones no longer lead to this team. */
  forgetTeam(organizationId: Id, teamId: Id, now: Instant): Promise<void>;
}
