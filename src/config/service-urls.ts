import { type Form, oneOf, onOff, type Reading, text, wholeNumber } from './forms.ts';
import { nearestName } from './nearest.ts';

/** Where a service is, and how to sign in there, in one URL. */
interface UrlRules {
  readonly words: string;
  readonly protocols: readonly string[];
  /** What may stand behind `?`. Their values are passed on in the words that the driver understands. */
  readonly parameters: Readonly<Record<string, Form<unknown>>>;
  /** Parameters of other programs for which there is a key of ours. */
  readonly keys?: Readonly<Record<string, string>>;
  readonly path: RegExp;
  readonly needsHost?: boolean;
}

/** Problems here name parameters and never a value: any part of the URL may belong to a password written wrongly. */
function serviceUrl(rules: UrlRules): Form<string> {
  return {
    words: rules.words,
    read(given) {
      if (typeof given !== 'string' || !URL.canParse(given)) return { problem: `is not ${rules.words}` };
      const url = new URL(given);
      const known = rules.protocols.includes(url.protocol) && (url.hostname !== '' || !rules.needsHost);
      if (!known) return { problem: `is not ${rules.words}` };
      const problem = misspelled(given, url) ?? unusual(url, rules);
      return problem === null ? withParameters(given, url, rules) : { problem };
    },
  };
}

/** What a password with characters of its own looks like. */
function misspelled(given: string, url: URL): string | null {
  if (/\s/.test(given)) return 'has a space in it: write it %20';
  if (url.hash !== '') return 'has a # in it: in a password write it %23';
  if (url.username + url.password === '' && url.search.includes('@')) {
    return 'has a ? before its @: in a password write it %3F';
  }
  const parts = [url.username, url.password, url.hostname, url.pathname];
  return parts.every(decodes) ? null : 'has a % that begins no two-digit code: in a password write it %25';
}

function unusual(url: URL, { path }: UrlRules): string | null {
  if (url.username === '' && url.password !== '' && !url.protocol.startsWith('redis'))
    return 'has a password and no user';
  return path.test(url.pathname) ? null : `has a path that means nothing here`;
}

function decodes(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

function withParameters(given: string, url: URL, { parameters, keys = {} }: UrlRules): Reading<string> {
  const read = new URLSearchParams();
  for (const [name, value] of url.searchParams) {
    const form = Object.hasOwn(parameters, name) ? parameters[name]! : null;
    if (!form) return { problem: unknownParameter(name, Object.keys(parameters), keys) };
    if (read.has(name)) return { problem: `says ?${name} twice` };
    const reading = form.read(value);
    if (!('value' in reading)) return { problem: `has a ?${name} that ${reading.problem}` };
    read.set(name, String(reading.value));
  }
  if (read.size === 0) return { value: given };
  url.search = read.toString();
  return { value: url.href };
}

function unknownParameter(name: string, known: readonly string[], keys: Readonly<Record<string, string>>): string {
  const shown = /^[A-Za-z_]{1,40}$/.test(name) ? `?${name}` : 'a parameter';
  const key = Object.hasOwn(keys, name) ? keys[name] : null;
  if (key) return `has ${shown}, which is not read here: ${key}`;
  const nearest = nearestName(name, known);
  return `has ${shown}, which is not known${nearest ? ` (the nearest is ?${nearest})` : ''}`;
}

const milliseconds = wholeNumber(0, 2_147_483_647);
const path = text('a path');
/** As `pg` has them besides on and off. */
const tls: Form<'1' | '0' | 'no-verify'> = {
  words: 'on or off (true or false), or no-verify',
  read(given) {
    if (given === 'no-verify') return { value: 'no-verify' };
    const reading = given === '1' ? { value: true } : given === '0' ? { value: false } : onOff.read(given);
    return 'value' in reading ? { value: reading.value ? '1' : '0' } : { problem: `is not ${tls.words}` };
  },
};

/** What `pg` reads, without what has a key of its own. */
export const postgresUrl = serviceUrl({
  words: 'postgres://user:password@host/database',
  protocols: ['postgres:', 'postgresql:'],
  path: /^(?:\/[^/]*)?$/,
  parameters: {
    host: path,
    port: wholeNumber(1, 65_535),
    user: text('a name'),
    password: text('a password'),
    ssl: tls,
    sslmode: oneOf('disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'),
    sslcert: path,
    sslkey: path,
    sslrootcert: path,
    sslnegotiation: oneOf('postgres', 'direct'),
    uselibpqcompat: onOff,
    application_name: text('a name'),
    fallback_application_name: text('a name'),
    options: text('text'),
    statement_timeout: milliseconds,
    lock_timeout: milliseconds,
    idle_in_transaction_session_timeout: milliseconds,
  },
  keys: {
    schema: 'set DATABASE_SCHEMA',
    search_path: 'set DATABASE_SCHEMA',
    currentSchema: 'set DATABASE_SCHEMA',
    connect_timeout: 'set DATABASE_CONNECT_SECONDS',
    query_timeout: 'set DATABASE_STATEMENT_SECONDS',
    connection_limit: 'set DATABASE_POOL_SIZE',
    pgbouncer: 'a pooler is recognised, or set DATABASE_POOLER',
  },
});

export const redisUrl = serviceUrl({
  words: 'redis://host:port or rediss://host:port',
  protocols: ['redis:', 'rediss:'],
  needsHost: true,
  path: /^\/?\d*$/,
  parameters: { family: oneOf('0', '4', '6') },
  keys: { db: 'write the number behind the port, as redis://host:6379/1' },
});

export const smtpUrl = serviceUrl({
  words: 'smtp://user:password@host:port or smtps://…',
  protocols: ['smtp:', 'smtps:'],
  needsHost: true,
  path: /^\/?$/,
  parameters: { requireTLS: onOff },
});

/** For people to read: a password may stand before `@` and, in libpq's manner, among the parameters. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return '(secret)';
  const { protocol, username, password, host, pathname, search } = new URL(url);
  const who = username + password === '' ? '' : '…@';
  return `${protocol}//${who}${host}${pathname}${search === '' ? '' : '?…'}`;
}
