import type { Clock } from '../base/clock.ts';
import type { Ids } from '../base/ids.ts';
import type { Store } from '../core/store.ts';
import type { Mailer } from './mailer.ts';
import { spelled } from './sender.ts';

/** Without a mail server: keeps what would have been sent, for /dev/mail. */
export function captureMailer(deps: {
  readonly store: Pick<Store, 'transaction'>;
  readonly clock: Clock;
  readonly ids: Ids;
}): Mailer {
  return {
    async deliver({ from, to, subject, text, html }) {
      const mail = {
        id: deps.ids.next(),
        to,
        from: spelled(from),
        subject,
        text,
        html,
        links: linksIn(text),
        createdAt: deps.clock.now(),
      };
      await deps.store.transaction((tx) => tx.mail.insert(mail));
    },
    async close() {},
  };
}

/** Each address once, in order. The text sets every link on a line of its own. */
export const linksIn = (text: string): readonly string[] => [...new Set(text.match(/\bhttps?:\/\/[^\s<>"]+/g) ?? [])];
