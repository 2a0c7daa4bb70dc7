import { days, hours, type Instant, minutes, seconds } from '../base/clock.ts';
import type { Mail } from '../core/mail/mail.ts';

/** Mails usually leave within seconds: what they say of the time they leave need not be corrected. */
const usualMs = minutes(1);

/**
 * A mail that waited, because the mail server was away or a node died, as it may leave now: what it says of its link's
 * or code's life is what is left of it. Null: nothing is left, and a link that does not work any more helps nobody.
 */
export function livingMail(mail: Mail, now: Instant): Mail | null {
  const { message, asked } = mail;
  if (!('lifeSeconds' in message)) return mail;
  const waited = now - asked.at;
  const left = seconds(message.lifeSeconds) - waited;
  if (left <= 0) return null;
  return waited < usualMs ? mail : { ...mail, message: { ...message, lifeSeconds: whole(left) } };
}

/** Never more than is left, in a unit that reads well; in seconds. */
function whole(left: number): number {
  const unit = [days(1), hours(1), minutes(1)].find((candidate) => left >= 2 * candidate) ?? seconds(1);
  return Math.max(1, (Math.floor(left / unit) * unit) / seconds(1));
}
