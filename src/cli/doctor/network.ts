import { createServer } from 'node:net';
import { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';
import type { Config } from '../../base/configuration.ts';
import { isLoopback } from '../../config/forms.ts';
import { smtpOptions } from '../../mail/smtp-mailer.ts';
import { type Finding, fail, ok, reason, warn } from './finding.ts';

const patienceMs = 5_000;

export async function redis({ redisUrl }: Config): Promise<Finding> {
  if (redisUrl === null) return ok('Redis is not configured: one node needs none');
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: patienceMs,
    maxRetriesPerRequest: 0,
  });
  let cause: unknown = null;
  client.on('error', (fault) => {
    cause ??= fault;
  });
  try {
    await client.connect();
    await client.ping();
    return ok('Redis answers');
  } catch (fault) {
    return fail(`Redis: ${reason(cause ?? fault)}`, 'Check REDIS_URL, and that Redis runs and lets this machine in.');
  } finally {
    client.disconnect();
  }
}

/** Signs in at the mail server and sends nothing. */
export async function smtp({ mail, development }: Config): Promise<Finding> {
  if (mail.smtpUrl === null) {
    if (development) return ok('Mail is kept and shown at /dev/mail');
    return warn('No SMTP_URL: mail is kept, and nobody gets any', 'Set SMTP_URL and MAIL_FROM.');
  }
  const transport = createTransport({ ...smtpOptions(mail.smtpUrl), pool: false } as object);
  try {
    await transport.verify();
    return ok(`Mail server ${new URL(mail.smtpUrl).host} takes our sign-in`);
  } catch (fault) {
    return fail(`Mail server: ${reason(fault)}`, 'Check host, port, user and password in SMTP_URL.');
  } finally {
    transport.close();
  }
}

/** Free, or taken by a server that is ready. */
export async function port({ http }: Config): Promise<Finding> {
  const place = `${http.host}:${http.port}`;
  const trouble = await listenOnce(http);
  if (trouble === null) return ok(`${place} is free to listen on`);
  if (trouble.code !== 'EADDRINUSE') {
    return fail(`Cannot listen on ${place}: ${reason(trouble)}`, 'Correct HOST, or choose a PORT above 1024.');
  }
  const answer = await fetch(`http://${reachable(http.host)}:${http.port}/readyz`, {
    signal: AbortSignal.timeout(patienceMs),
  })
    .then((response) => response.text())
    .catch(() => '');
  if (answer === 'ready\n') return ok(`A server answers at ${place} and is ready`);
  return fail(`${place} is in use by something else`, 'Stop it, or set PORT to another one.');
}

function listenOnce({ host, port: number }: Config['http']): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', resolve);
    probe.listen(number, host, () => probe.close(() => resolve(null)));
  });
}

const reachable = (host: string): string =>
  host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;

export function publicUrl({ http, development }: Config): readonly Finding[] {
  const { protocol, hostname } = new URL(http.publicUrl);
  const findings: Finding[] = [];
  if (protocol === 'https:' || isLoopback(hostname)) findings.push(ok(`Public URL ${http.publicUrl}`));
  else {
    const level = development ? warn : fail;
    findings.push(
      level(
        `Public URL ${http.publicUrl} sends passwords in clear`,
        'Put a proxy with TLS in front and set PUBLIC_URL to https://…',
      ),
    );
  }
  if (http.trustedProxies.length > 0) findings.push(ok(`Trusted proxies: ${http.trustedProxies.join(', ')}`));
  else if (protocol === 'https:') {
    findings.push(
      warn(
        'The public URL is https, so a proxy is in front, and none is trusted',
        'Set TRUSTED_PROXIES to its address: until then all people share its limits, and events show its address.',
      ),
    );
  }
  if (isLoopback(http.host) && !isLoopback(hostname) && http.trustedProxies.length === 0) {
    findings.push(
      warn(
        `It listens on ${http.host} only`,
        'Other machines cannot reach it: set HOST=0.0.0.0, or run the proxy on this one.',
      ),
    );
  }
  return findings;
}
