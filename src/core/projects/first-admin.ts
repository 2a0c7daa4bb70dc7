import { newEmailForm } from '../../base/email-form.ts';
import { Refusal, refuse, settle } from '../../base/refusal.ts';
import { asBearer, asSystem } from '../acting.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { findCode, issueCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import { welcomePerson } from '../orgs/personal-organization.ts';
import { hashNewPassword } from '../passwords/hash-new-password.ts';
import { checkNewPassword } from '../passwords/password-bounds.ts';
import { isThereAnAdministrator } from '../permissions/last-administrator.ts';
import { conflictAsRefusal } from '../users/conflict-as-refusal.ts';
import { draftPerson, insertPerson } from '../users/new-person.ts';
import { readDisplayName } from '../users/profile-rules.ts';
import type { Person } from '../users/user.ts';

const lifeSeconds = 1_800;

/**
 * A one-time link for whoever sets the server up, in place of those before it. Null once there is an administrator; people
 * who signed up before do not count.
 */
export async function offerFirstAdmin(ctx: Context): Promise<string | null> {
  const token = await asSystem(ctx, async (tx) => {
    if (await isThereAnAdministrator(ctx, tx)) return null;
    await tx.codes.voidNobodys('admin_link', ctx.clock.now());
    return issueCode(ctx, tx, { purpose: 'admin_link', lifeSeconds });
  });
  if (token === null) return null;
  return `${ctx.pagesUrl}/-/setup?token=${token}`;
}

/**
 * The link's bearer becomes the first administrator. Worth nothing once there is one.
 * @throws Refusal code_*, email_invalid, email_taken, display_name_invalid, password_too_*
 */
export async function createFirstAdmin(
  ctx: Context,
  actor: Actor,
  input: { readonly token: string; readonly email: string; readonly displayName: string; readonly password: string },
): Promise<Person> {
  const email = newEmailForm(input.email);
  if (!email) throw new Refusal('email_invalid');
  checkNewPassword(ctx, input.password);
  const person = draftPerson(ctx, {
    email,
    emailVerifiedBy: 'admin',
    displayName: readDisplayName(ctx, input.displayName),
    usernameNormal: null,
    usernameDisplay: null,
    imageUrl: null,
    metadataClient: null,
  });
  settle(await findCode(ctx, ctx.store.read, 'admin_link', input.token));
  const hash = await hashNewPassword(ctx, input.password);
  const outcome = await asBearer(ctx, { credential: 'code' }, async (tx) => {
    const code = await findCode(ctx, tx, 'admin_link', input.token);
    if (code instanceof Refusal) return code;
    const now = ctx.clock.now();
    if (!(await tx.codes.spend(code.id, now))) return refuse('code_used');
    if (await isThereAnAdministrator(ctx, tx)) return refuse('code_not_found', { why: 'there is an administrator' });
    await insertPerson(tx, person);
    await tx.passwords.set({ userId: person.id, hash, setAt: now, changedAt: now, strongFrom: null });
    await tx.users.setRoles(person.id, ['admin'], null, now);
    await recordEvent(ctx, tx, actor, {
      type: 'account.created',
      subject: person.id,
      data: { method: 'first_admin' },
    });
    await welcomePerson(ctx, tx, actor, person);
    return (await tx.users.find(person.id))!;
  }).catch(conflictAsRefusal);
  return settle(outcome);
}
