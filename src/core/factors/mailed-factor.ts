import type { Context } from '../context.ts';
import type { SessionMethod } from '../sessions/session.ts';
import type { Person } from '../users/user.ts';

/** Ways in that the mailbox alone opens. */
const byMailbox: readonly SessionMethod[] = ['mail_link', 'mail_code'];

/**
 * May the second step of a sign-in be a mailed code? For people who chose that; for those with an authenticator app where
 * the project lets the mailbox stand in for it, which is never both factors.
 */
export function mayMailFactor(
  { project }: Pick<Context, 'project'>,
  { email, factors }: Pick<Person, 'email' | 'factors'>,
  firstMethod: SessionMethod,
): boolean {
  if (!email) return false;
  if (factors.mailCode) return true;
  if (!factors.totp || !project.policy.mfa.mailCodeForTotp) return false;
  return email.verifiedAt !== null && !byMailbox.includes(firstMethod);
}
