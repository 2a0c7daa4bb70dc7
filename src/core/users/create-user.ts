import { emailForm } from '../../base/email-form.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import type { SystemActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { checkNewPassword } from '../passwords/password-bounds.ts';
import { conflictAsRefusal, draftPerson, insertPerson } from './new-person.ts';
import { readDisplayName } from './profile-rules.ts';
import type { Person } from './user.ts';
import { readNewUsername } from './username-rules.ts';

export interface NewUser {
  readonly email: string;
  readonly password: string | null;
  readonly displayName: string | null;
  readonly username: string | null;
  readonly roles: readonly string[];
  /** The operator vouches for the address. */
  readonly emailVerified: boolean;
}

/**
 * An operator creates a person; no session is opened.
 * @throws Refusal email_invalid, email_taken, username_*, password_too_*, display_name_invalid, role_not_found
 */
export async function createUser(ctx: Context, actor: SystemActor, input: NewUser): Promise<Person> {
  const email = emailForm(input.email);
  if (!email) throw new Refusal('email_invalid');
  if (input.password !== null) checkNewPassword(ctx, input.password);
  const person = draftPerson(ctx, {
    email,
    emailVerifiedBy: input.emailVerified ? 'admin' : null,
    displayName: readDisplayName(ctx, input.displayName),
    usernameNormal: input.username === null ? null : readNewUsername(ctx, input.username),
    usernameDisplay: input.username,
    imageUrl: null,
    metadataClient: null,
  });
  const hash = input.password === null ? null : await ctx.passwords.hash(input.password);
  const outcome = await ctx.store
    .transaction(async (tx) => {
      const now = ctx.clock.now();
      for (const role of input.roles)
        if (!(await tx.roles.exists(role))) return refuse('role_not_found', { field: role });
      if (await tx.emails.findForAuth(email.normal)) return refuse('email_taken');
      if (person.usernameNormal && (await tx.users.usernameTaken(person.usernameNormal, now))) {
        return refuse('username_taken');
      }
      await insertPerson(tx, person);
      if (hash !== null) await tx.passwords.set({ userId: person.id, hash, setAt: now, changedAt: now });
      if (input.roles.length > 0) await tx.users.setRoles(person.id, input.roles, null, now);
      await recordEvent(ctx, tx, actor, { type: 'account.created', subject: person.id, data: { method: 'operator' } });
      return (await tx.users.find(person.id))!;
    })
    .catch(conflictAsRefusal);
  return settle(outcome);
}
