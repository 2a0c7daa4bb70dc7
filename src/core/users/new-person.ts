import type { NewEmailForm } from '../../base/email-form.ts';
import type { Context } from '../context.ts';
import type { Metadata } from '../metadata.ts';
import type { Tx } from '../store.ts';
import type { Email, EmailProof, Person, User } from './user.ts';

/** What a person starts with, whichever way they came. Already checked. */
export interface NewPerson {
  readonly email: NewEmailForm | null;
  readonly emailVerifiedBy: EmailProof | null;
  readonly displayName: string | null;
  readonly usernameNormal: string | null;
  readonly usernameDisplay: string | null;
  readonly imageUrl: string | null;
  readonly metadataClient: Metadata;
}

/** The person as they will be stored; nothing is written. */
export function draftPerson(ctx: Pick<Context, 'ids' | 'clock' | 'surface'>, input: NewPerson): Person {
  const now = ctx.clock.now();
  const id = ctx.ids.next();
  const email: Email | null = input.email && {
    id: ctx.ids.next(),
    userId: id,
    value: input.email.value,
    normal: input.email.normal,
    isPrimary: true,
    usedForAuth: true,
    verifiedAt: input.emailVerifiedBy === null ? null : now,
    verifiedBy: input.emailVerifiedBy,
    createdAt: now,
    updatedAt: now,
  };
  return {
    id,
    displayName: input.displayName,
    usernameNormal: input.usernameNormal,
    usernameDisplay: input.usernameDisplay,
    imageUrl: input.imageUrl,
    imageFileId: null,
    bannerFileId: null,
    bio: null,
    metadataClient: input.metadataClient,
    metadataReadonly: null,
    metadataServer: null,
    selectedOrganizationId: null,
    anonymous: false,
    emailCodeEnabled: false,
    profilePublic: ctx.surface.publishesProfiles,
    bannedAt: null,
    banReason: null,
    banExpiresAt: null,
    deactivatedAt: null,
    deactivatedBy: null,
    restrictedAt: null,
    restrictedReason: null,
    restrictedPrivate: null,
    credentialsChangedAt: now,
    signedUpAt: now,
    signUp: null,
    lastActiveAt: null,
    createdAt: now,
    updatedAt: now,
    email,
    roles: [],
    factors: { totp: false, mailCode: false },
    imageKey: null,
    bannerKey: null,
  };
}

/** A step of every path that creates a person. */
export async function insertPerson(tx: Tx, person: Person): Promise<void> {
  const { email, roles: _roles, factors: _factors, imageKey: _image, bannerKey: _banner, ...user } = person;
  await tx.users.insert(user satisfies User);
  if (email) await tx.emails.insert(email);
}
