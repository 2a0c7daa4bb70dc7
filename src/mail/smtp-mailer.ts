import { createTransport } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool/index.js';
import { PermanentFailure } from '../base/permanent-failure.ts';
import type { Mailer } from './mailer.ts';

/** Milliseconds: a server that says nothing does not hold up mails for ever. */
const usualWaits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/** Delivers through a mail server, over a few connections that are kept open. */
export function smtpMailer(config: {
  readonly url: string;
  /** Other waits than the usual ones. */
  readonly waits?: Partial<typeof usualWaits>;
}): Mailer {
  const transport = createTransport({ ...smtpOptions(config.url), ...config.waits });
  return {
    async deliver({ id, from, to, subject, text, html }) {
      try {
        await transport.sendMail({
          // As objects: text would be parsed, and a comma in it would be a second recipient.
          from,
          to: { name: '', address: to },
          subject,
          text,
          html,
          messageId: `<${id}@${from.address.split('@')[1]}>`,
          // No automatic answers to a message that nobody reads the answers of (RFC 3834 §5).
          headers: { 'auto-submitted': 'auto-generated' },
          disableFileAccess: true,
          disableUrlAccess: true,
        });
      } catch (fault) {
        throw deliveryFailure(fault as SmtpFault);
      }
    },
    async close() {
      transport.close();
    },
  };
}

/**
 * `smtps:` speaks TLS from the start. `smtp:` with a user insists on STARTTLS, for the password would go in clear;
 * without one it takes TLS where it is offered. `?requireTLS=true|false` decides otherwise.
 */
export function smtpOptions(url: string): SMTPPool.Options {
  const { protocol, hostname, port, username, password, searchParams } = new URL(url);
  const secure = protocol === 'smtps:';
  return {
    pool: true,
    maxConnections: 4,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && (searchParams.get('requireTLS') ?? String(username !== '')) === 'true',
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    tls: { minVersion: 'TLSv1.2' },
    ...usualWaits,
  };
}

interface SmtpFault extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

/** Commands that speak of the message. A 5xx to any other is about us, and mended by an operator, not by giving up. */
const aboutTheMessage = new Set(['RCPT TO', 'DATA']);

/**
 * The server's own words are left out: filters quote the link they disliked, and that link is live (rule 36).
 */
export function deliveryFailure(fault: SmtpFault): Error {
  const { code = 'no code', command = 'connection', responseCode } = fault;
  const told = `mail was not delivered: ${responseCode ?? code} at ${command}`;
  const final = responseCode !== undefined && responseCode >= 500 && aboutTheMessage.has(command);
  return final ? new PermanentFailure(told) : new Error(told);
}
