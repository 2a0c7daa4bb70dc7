import type { Reads } from '../store.ts';
import type { Email } from '../users/user.ts';

/**
 * May the holder of this mailbox get in by it? An address that nobody has proven opens nothing while its person signs in
 * with one that is: it may be a stranger's, typed by mistake or planted, and neither may come into the other's account.
 */
export async function mayClaim(reads: Pick<Reads, 'emails'>, email: Email): Promise<boolean> {
  if (email.verifiedAt !== null) return true;
  const others = await reads.emails.listOf(email.userId);
  return !others.some((one) => one.id !== email.id && one.usedForAuth && one.verifiedAt !== null);
}
