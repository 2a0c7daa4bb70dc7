import type { Instant } from '../../base/clock.ts';
import { emailForm } from '../../base/email-form.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { checkNewPassword } from '../passwords/password-bounds.ts';
import type { ProjectPermission } from '../permissions/project-permissions.ts';
import { type AdminActor, admitAdmin } from '../permissions/project-rights.ts';
import { writeBan } from './ban-user.ts';
import { conflictAsRefusal, draftPerson, insertPerson } from './new-person.ts';
import { readDisplayName, readImageUrl, readUsernameDisplay } from './profile-rules.ts';
import { writeRoles } from './set-user-roles.ts';
import type { JsonObject, Person } from './user.ts';
import { readNewUsername } from './username-rules.ts';

export interface NewUser {
  readonly email: string;
  readonly password: string | null;
  readonly displayName: string | null;
  readonly username: string | null;
  readonly usernameDisplay?: string | null;
  readonly imageUrl?: string | null;
  readonly metadataClient?: JsonObject | null;
  readonly roles: readonly string[];
  /** Whoever creates the person vouches for the address. */
  readonly emailVerified: boolean;
  /** Kept out from the start. */
  readonly ban?: { readonly reason: string | null; readonly expiresAt: Instant | null } | null;
}

/**
 * An administrator or operator creates a person; no session is opened.
 * @throws Refusal not_signed_in, permission_denied, email_invalid, email_taken, username_*, password_too_*,
 *   display_name_invalid, image_invalid, role_not_found, role_not_grantable
 */
export async function createUser(ctx: Context, actor: AdminActor, input: NewUser): Promise<Person> {
  const needed: ProjectPermission[] = ['users.create'];
  if (input.roles.length > 0) needed.push('users.set_role');
  if (input.ban) needed.push('users.ban');
  // Asked before what was sent is judged, so that nobody without the right learns anything of it.
  const admitted = await admitAdmin(ctx, ctx.store.read, actor, needed);
  if (admitted instanceof Refusal) throw admitted;

  const email = emailForm(input.email);
  if (!email) throw new Refusal('email_invalid');
  if (input.password !== null) checkNewPassword(ctx, input.password);
  const { username, usernameDisplay = username } = input;
  const person = draftPerson(ctx, {
    email,
    emailVerifiedBy: input.emailVerified ? 'admin' : null,
    displayName: readDisplayName(ctx, input.displayName),
    usernameNormal: username === null ? null : readNewUsername(ctx, username),
    usernameDisplay: usernameDisplay === null ? null : readUsernameDisplay(usernameDisplay),
    imageUrl: readImageUrl(input.imageUrl ?? null),
    metadataClient: input.metadataClient ?? null,
  });
  const hash = input.password === null ? null : await ctx.passwords.hash(input.password);
  const outcome = await ctx.store
    .transaction(async (tx) => {
      const now = ctx.clock.now();
      const rights = await admitAdmin(ctx, tx, actor, needed);
      if (rights instanceof Refusal) return rights;
      if (await tx.emails.findForAuth(email.normal)) return refuse('email_taken');
      if (person.usernameNormal && (await tx.users.usernameTaken(person.usernameNormal, now))) {
        return refuse('username_taken');
      }
      for (const role of input.roles) {
        if (!(await tx.roles.exists(role))) return refuse('role_not_found', { field: role });
      }
      await insertPerson(tx, person);
      if (hash !== null) await tx.passwords.set({ userId: person.id, hash, setAt: now, changedAt: now });
      await recordEvent(ctx, tx, actor, { type: 'account.created', subject: person.id, data: { method: 'operator' } });
      if (input.roles.length > 0) {
        const refused = await writeRoles(ctx, tx, actor, person, input.roles, rights);
        // Thrown, not returned: the person must not stay (core map M3).
        if (refused) throw refused;
      }
      if (input.ban) await writeBan(ctx, tx, actor, person, input.ban);
      return (await tx.users.find(person.id))!;
    })
    .catch(conflictAsRefusal);
  return settle(outcome);
}
