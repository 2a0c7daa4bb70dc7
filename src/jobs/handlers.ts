import type { Clock } from '../base/clock.ts';
import type { Id } from '../base/ids.ts';
import type { Work } from '../core/jobs/work.ts';
import { livingMail } from '../mail/mail-life.ts';
import type { Mailer } from '../mail/mailer.ts';
import { renderMail } from '../mail/render-mail.ts';
import type { SenderOf } from '../mail/sender.ts';

/** What a handler may know of the job besides its work. */
export interface JobRun {
  readonly id: Id;
  /** 1 at the first try. */
  readonly attempt: number;
}

type WorkOf<K extends Work['kind']> = Extract<Work, { kind: K }>;

/**
 * May run more than once for the same work: a node can die between doing and noting that it did.
 * A PermanentFailure parks the job; any other error brings it back later.
 */
export type Handler<K extends Work['kind']> = (work: WorkOf<K>, run: JobRun) => Promise<void>;

/** One row per kind; a new kind of work does not compile without one. */
export type Handlers = { readonly [K in Work['kind']]: Handler<K> };

/** @param deps `onTooLate` is told what kind of mail was not sent because its link or code is over */
export const sendMail =
  (deps: {
    readonly mailer: Pick<Mailer, 'deliver'>;
    readonly sender: SenderOf;
    readonly clock: Clock;
    readonly onTooLate: (kind: string) => void;
  }): Handler<'send_mail'> =>
  async ({ mail }, run) => {
    const living = livingMail(mail, deps.clock.now());
    if (living) await deps.mailer.deliver({ ...renderMail(living, run.id), from: deps.sender(living.projectName) });
    else deps.onTooLate(mail.message.kind);
  };
