import type { Instant } from '../../base/clock.ts';
import { newEmailForm } from '../../base/email-form.ts';
import type { JsonValue } from '../../base/json.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { type ImageSource, prepareSource } from '../files/image-source.ts';
import { readMetadata } from '../metadata.ts';
import { welcomePerson } from '../orgs/personal-organization.ts';
import type { ProjectPermission } from '../permissions/project-permissions.ts';
import { type AdminActor, admitAdmin } from '../permissions/project-rights.ts';
import type { Tx } from '../store.ts';
import { writeBan } from './ban-user.ts';
import { conflictAsRefusal } from './conflict-as-refusal.ts';
import { giveCredentials, type NewIdentity, refusedIdentities } from './give-credentials.ts';
import { checkMailCode, hashGiven } from './new-credentials.ts';
import { draftPerson, insertPerson } from './new-person.ts';
import { readDisplayName, readImageUrl, readUsernameDisplay } from './profile-rules.ts';
import { type RestrictionEdit, readRestriction } from './restriction.ts';
import { writeRoles } from './set-user-roles.ts';
import { type SignUpRecord, withSignUp } from './sign-up-record.ts';
import type { Person } from './user.ts';
import { readNewUsername } from './username-rules.ts';

export interface NewUser {
  /** Null: a person without an address. */
  readonly email: string | null;
  readonly password: string | null;
  /** In place of a password: see `GivenPassword`. */
  readonly passwordHash?: string;
  readonly displayName: string | null;
  readonly username: string | null;
  readonly usernameDisplay?: string | null;
  readonly imageUrl?: string | null;
  readonly image?: ImageSource;
  readonly metadataClient?: JsonValue;
  readonly metadataReadonly?: JsonValue;
  readonly metadataServer?: JsonValue;
  readonly roles: readonly string[];
  /** Whoever creates the person vouches for the address. */
  readonly emailVerified: boolean;
  /** The person signs in with the address, so nobody else does. True unless said otherwise. */
  readonly emailUsedForAuth?: boolean;
  readonly emailCodeEnabled?: boolean;
  /** Raw bytes of an authenticator app's secret. */
  readonly totpSecret?: Uint8Array;
  readonly anonymous?: boolean;
  readonly identities?: readonly NewIdentity[];
  readonly restriction?: RestrictionEdit;
  readonly signUp?: Partial<SignUpRecord>;
  /** Kept out from the start. */
  readonly ban?: { readonly reason: string | null; readonly expiresAt: Instant | null } | null;
}

/**
 * An administrator or operator creates a person; no session is opened.
 * @throws Refusal not_signed_in, permission_denied, email_invalid, email_taken, username_*, password_too_*,
 *   display_name_invalid, image_*, role_not_found, role_not_grantable, email_required, anonymous_not_accepted,
 *   method_disabled with `field`, password_hash_unsupported, provider_not_found, identity_taken, restriction_required
 */
export async function createUser(ctx: Context, actor: AdminActor, input: NewUser): Promise<Person> {
  const needed: ProjectPermission[] = ['users.create'];
  if (input.roles.length > 0) needed.push('users.set_role');
  if (input.ban) needed.push('users.ban');
  // Asked before what was sent is judged, so that nobody without the right learns anything of it.
  const admitted = await admitAdmin(ctx, ctx.store.read, actor, needed);
  if (admitted instanceof Refusal) throw admitted;

  const { hash, image, person } = await prepare(ctx, actor, input);
  const outcome = await act(ctx, actor, { may: needed }, async (tx, { rights }) => {
    const refused = await refusedNew(ctx, tx, person, input);
    if (refused) return refused;
    await insertPerson(tx, { ...person, ...(image && (await image.keep(tx))) });
    await recordEvent(ctx, tx, actor, { type: 'account.created', subject: person.id, data: { method: 'operator' } });
    await giveCredentials(ctx, tx, actor, person, { ...input, hash });
    await welcomePerson(ctx, tx, actor, person);
    if (input.roles.length > 0) {
      const refusedRoles = await writeRoles(ctx, tx, actor, person, input.roles, rights);
      // Thrown, not returned: the person must not stay (core map M3).
      if (refusedRoles) throw refusedRoles;
    }
    if (input.ban) await writeBan(ctx, tx, actor, person, input.ban);
    return (await tx.users.find(person.id))!;
  }).catch(conflictAsRefusal);
  const made = settle(outcome);
  await image?.confirm();
  return made;
}

/** What needs no transaction: the person as they will be, the hash, the picture. */
async function prepare(ctx: Context, actor: AdminActor, input: NewUser) {
  const email = input.email === null ? null : newEmailForm(input.email);
  if (input.email !== null && !email) throw new Refusal('email_invalid');
  checkMailCode(ctx, input.emailCodeEnabled);
  checkWithoutEmail(input);
  const { username, usernameDisplay = username } = input;
  const draft = draftPerson(ctx, {
    email,
    emailVerifiedBy: input.emailVerified ? 'admin' : null,
    displayName: readDisplayName(ctx, input.displayName),
    usernameNormal: username === null ? null : readNewUsername(ctx, username),
    usernameDisplay: usernameDisplay === null ? null : readUsernameDisplay(usernameDisplay),
    imageUrl: readImageUrl(input.imageUrl ?? null),
    metadataClient: readMetadata('metadataClient', input.metadataClient ?? null),
  });
  const restriction = readRestriction(draft, input.restriction ?? {}, ctx.clock.now());
  if (restriction instanceof Refusal) throw restriction;
  const given = input.password === null ? {} : { password: input.password };
  const hash = await hashGiven(ctx, actor, { ...given, passwordHash: input.passwordHash });
  const image = input.image === undefined ? null : await prepareSource(ctx, 'user_profile', input.image);
  const person: Person = {
    ...draft,
    ...restriction,
    email: draft.email && { ...draft.email, usedForAuth: usesEmail(input) },
    metadataReadonly: readMetadata('metadataReadonly', input.metadataReadonly ?? null),
    metadataServer: readMetadata('metadataServer', input.metadataServer ?? null),
    emailCodeEnabled: input.emailCodeEnabled ?? false,
    anonymous: input.anonymous ?? false,
    signUp: input.signUp ? withSignUp(draft, input.signUp) : null,
  };
  return { hash: hash ?? null, image, person };
}

const usesEmail = ({ emailUsedForAuth = true }: NewUser): boolean => emailUsedForAuth;

function checkWithoutEmail(input: NewUser): void {
  if (input.anonymous && input.email !== null && usesEmail(input)) throw new Refusal('anonymous_not_accepted');
  if (input.email !== null) return;
  if (input.emailUsedForAuth) throw new Refusal('email_required', { field: 'primaryEmailUsedForAuth' });
  if (input.emailVerified) throw new Refusal('email_required', { field: 'primaryEmailVerified' });
}

/** What the store says against it. */
async function refusedNew(ctx: Context, tx: Tx, person: Person, input: NewUser): Promise<Refusal | null> {
  const now = ctx.clock.now();
  const { email, usernameNormal } = person;
  if (email?.usedForAuth && (await tx.emails.findForAuth(email.normal))) {
    return refuse('email_taken', { given: email.normal });
  }
  if (usernameNormal && (await tx.users.usernameTaken(usernameNormal, now))) return refuse('username_taken');
  for (const role of input.roles) {
    if (!(await tx.roles.exists(role))) return refuse('role_not_found', { field: role });
  }
  return refusedIdentities(ctx, tx, input.identities ?? []);
}
