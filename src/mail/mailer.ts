import type { Sender } from './sender.ts';

/** A message in words. */
export interface RenderedMail {
  /** The same at every try, so that a mail sent twice can be told from two mails. */
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** As it goes out. */
export interface OutgoingMail extends RenderedMail {
  readonly from: Sender;
}

export interface Mailer {
  /** @throws PermanentFailure when no later try can help; any other error is worth another try */
  deliver(mail: OutgoingMail): Promise<void>;
  close(): Promise<void>;
}
