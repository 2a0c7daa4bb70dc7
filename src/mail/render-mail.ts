import type { Mail } from '../core/mail/mail.ts';
import { asHtml, asText } from './layout.ts';
import type { RenderedMail } from './mailer.ts';
import { contentOf } from './templates.ts';

export function renderMail(mail: Mail, id: string): RenderedMail {
  const content = contentOf(mail);
  return {
    id,
    to: mail.to,
    subject: oneLine(content.subject),
    text: asText(content, mail),
    html: asHtml(content, mail),
  };
}

/** A line break in a subject would begin another header. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
