import { systemActor } from '../../core/actor.ts';
import { issueResetLink } from '../../core/passwords/issue-reset-link.ts';
import { setPasswordForUser } from '../../core/passwords/set-password-for-user.ts';
import { timeInWords } from '../../mail/words.ts';
import { lineFromStdin, note, print } from '../terminal.ts';
import { findPerson, nameOf, withProject } from '../with-project.ts';

export async function userResetPassword(
  named: string,
  options: { readonly project: string; readonly passwordStdin?: boolean },
): Promise<void> {
  const password = options.passwordStdin ? await lineFromStdin() : null;
  await withProject(options.project, async (ctx) => {
    const person = await findPerson(ctx, named);
    if (password !== null) {
      await setPasswordForUser(ctx, systemActor, { userId: person.id, password });
      print(`${nameOf(person)} has the new password. Every session has ended.`);
      return;
    }
    const link = await issueResetLink(ctx, systemActor, person.id);
    print(link.url);
    note(`Hand it to ${nameOf(person)} yourself: it works once, until ${timeInWords(link.expiresAt)}.`);
  });
}
