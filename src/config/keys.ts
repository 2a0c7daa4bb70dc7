import type { AdditionalField } from '../base/additional-field.ts';
import type { Config } from '../base/configuration.ts';
import { hashBounds } from '../base/hash-bounds.ts';
import { isInheritedName } from '../base/text.ts';
import { additionalField } from './additional-fields.ts';
import { fieldName, list, oneOf, onOff, orNull, record, text, url, webOrigin, webPage, wholeNumber } from './forms.ts';
import { originPattern } from './policy-forms.ts';
import { reservedUserFields, withoutReserved } from './reserved-names.ts';
import { key, type ValuesOf } from './section.ts';
import { postgresUrl, redisUrl, smtpUrl } from './service-urls.ts';
import {
  type DatabasePlace,
  databasePlace,
  keyDigest,
  mailbox,
  networks,
  previousSecrets,
  secretForm,
} from './special-forms.ts';

/**
 * Every key of the server, once. The name is that of the file; the environment's is the same in capitals
 * (`publicUrl`, PUBLIC_URL). `docs/configuration.md` is made from this table.
 */
export const keys = {
  port: key({ form: wholeNumber(0, 65_535), default: 3000, says: 'Port to listen on. 0 takes any free one.' }),
  host: key({
    form: text('an address or host name', /^[A-Za-z0-9.:_-]+$/),
    default: 'localhost',
    says: 'Address to listen on. `0.0.0.0` or `::` for every network, as in a container.',
  }),
  publicUrl: key<string | null>({
    form: webOrigin,
    default: null,
    defaultWords: 'http://localhost:<PORT>',
    says: 'Where people and applications reach the server. Links in mail are built from it. Production wants https.',
  }),
  dataDir: key({
    form: text('a folder'),
    default: './latchkey-data',
    says: 'Folder of the SQLite file, the generated secret and uploaded files. Made with mode 0700.',
  }),
  databaseUrl: key<DatabasePlace | null>({
    form: databasePlace,
    default: null,
    defaultWords: 'sqlite:<DATA_DIR>/latchkey.db',
    secret: 'url',
    says: '`sqlite:<file>` or `postgres://user:password@host/database`.',
  }),
  databaseDirectUrl: key<string | null>({
    form: postgresUrl,
    default: null,
    defaultWords: 'DATABASE_URL',
    secret: 'url',
    says: 'The same PostgreSQL database past a pooler: what other nodes say is heard over it. See PostgreSQL through a pooler.',
  }),
  databasePooler: key<'transaction' | 'session' | 'none' | null>({
    form: oneOf('transaction', 'session', 'none'),
    default: null,
    defaultWords: 'found out at the start',
    says: 'What is between here and PostgreSQL. A pooler that is found out counts as one in transaction mode.',
  }),
  databaseSchema: key({
    form: text(
      'a lower-case SQL name that is not PostgreSQL’s own',
      /^(?!pg_|information_schema$)[a-z_][a-z0-9_]{0,62}$/,
    ),
    default: 'latchkey',
    says: 'PostgreSQL schema. Made when it is not there. Every statement names it, whatever the search path is.',
  }),
  databasePoolSize: key({ form: wholeNumber(1, 500), default: 10, says: 'PostgreSQL connections of one process.' }),
  databaseConnectSeconds: key({
    form: wholeNumber(1, 60),
    default: 5,
    says: 'How long a request waits for a PostgreSQL connection, new or from the pool, before it is answered 503.',
  }),
  databaseStatementSeconds: key({
    form: wholeNumber(1, 600),
    default: 10,
    says: 'How long PostgreSQL may take to answer a statement before the request is answered 503 and the connection dropped.',
  }),
  redisUrl: key<string | null>({
    form: redisUrl,
    default: null,
    secret: 'url',
    says: 'Shares limits and ended sessions between several nodes.',
  }),
  secret: key<string | null>({
    form: secretForm,
    default: null,
    defaultWords: 'generated, kept in <DATA_DIR>/secret',
    secret: 'value',
    says: 'What keys for cookies, sealed columns and codes are derived from. The same on every node.',
  }),
  secretPrevious: key<readonly string[]>({
    form: previousSecrets,
    default: [],
    secret: 'value',
    says: 'Secrets that still open and verify, newest first. See Secrets and rotation.',
  }),
  smtpUrl: key<string | null>({
    form: smtpUrl,
    default: null,
    secret: 'url',
    says: 'Mail server. Without one, mail is kept and shown at `/dev/mail` on loopback or in development.',
  }),
  mailFrom: key<string | null>({
    form: mailbox,
    default: null,
    defaultWords: 'no-reply@(host of PUBLIC_URL)',
    says: 'Sender of every mail, under the name of its project. A name written here is that of the first project’s mail.',
  }),
  trustedProxies: key<readonly string[]>({
    form: networks,
    default: [],
    says: 'Proxies whose X-Forwarded-* headers count. Behind a proxy, without this everybody has the proxy’s address.',
  }),
  appUrl: key<string | null>({
    form: orNull(webOrigin),
    default: null,
    defaultWords: 'none',
    says: 'Where people use the application of the first project. Pages of this server lead on to it, return addresses without a host are places of it, and it is a trusted origin.',
  }),
  trustedOrigins: key<readonly string[]>({
    form: list('origins such as https://app.example.com or https://*.example.com', originPattern),
    default: [],
    says: 'Browser applications on other origins: they may call, and people may be sent back to them. Added to `redirects.origins` of the default project.',
  }),
  logLevel: key<Config['log']['level']>({
    form: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    says: 'How much is logged.',
  }),
  logFormat: key<'json' | 'pretty' | null>({
    form: oneOf('json', 'pretty'),
    default: null,
    defaultWords: 'pretty at a terminal, else json',
    says: 'JSON lines for machines, or lines for people.',
  }),
  bodyLimitBytes: key<number | null>({
    form: wholeNumber(1024, 1_073_741_824),
    default: null,
    defaultWords: '1 MiB; 8 MiB for Hexclave',
    says: 'Largest request body. What is compressed counts as it is unpacked.',
  }),
  requestTimeoutSeconds: key({
    form: wholeNumber(1, 3600),
    default: 30,
    says: 'How long a client may take to send a request.',
  }),
  drainSeconds: key({
    form: wholeNumber(0, 600),
    default: 5,
    says: 'How long SIGTERM lets the server serve on while `/readyz` answers 503, if somebody asked `/readyz` in the last minute.',
  }),
  shutdownSeconds: key({
    form: wholeNumber(0, 3600),
    default: 10,
    says: 'How long a stop then waits for requests, and after them for jobs, in progress.',
  }),
  limits: key({
    form: onOff,
    default: true,
    says: 'Limits on requests. Those per path and address hold in production only. Off only for tests and benchmarks.',
  }),
  metricsToken: key<string | null>({
    form: text('at least 16 characters without spaces', /^[\x21-\x7e]{16,}$/),
    default: null,
    secret: 'value',
    says: 'Bearer token for `/metrics`. Without one, metrics are served to loopback only.',
  }),
  turnstileSecret: key<string | null>({
    form: text('a secret key'),
    default: null,
    secret: 'value',
    says: 'Cloudflare Turnstile’s secret: clients that send a challenge have it verified. Without one nothing is asked.',
  }),
  turnstileUrl: key({
    form: url('an address such as https://challenges.cloudflare.com/turnstile/v0/siteverify', ['https:', 'http:']),
    default: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
    says: 'Where challenges are verified.',
  }),
  breachedPasswords: key<string | null>({
    form: text('a file'),
    default: null,
    says: 'File of SHA-1 sums of passwords known from breaches, in order: nobody takes one of them (operations.md).',
  }),
  hashMemoryKib: key({
    form: wholeNumber(8, hashBounds.memoryKib),
    default: 19_456,
    says: 'argon2id memory of one hash, in KiB.',
  }),
  hashIterations: key({ form: wholeNumber(1, 20), default: 2, says: 'argon2id passes.' }),
  hashParallelism: key({
    form: wholeNumber(1, hashBounds.parallelism),
    default: 1,
    says: 'argon2id lanes of one hash.',
  }),
  hashConcurrency: key<number | null>({
    form: wholeNumber(1, 256),
    default: null,
    defaultWords: 'number of cores',
    says: 'Hashes computed at once. More than 4 also need UV_THREADPOOL_SIZE.',
  }),
  hashQueueLength: key({
    form: wholeNumber(0, 100_000),
    default: 128,
    says: 'Hashes that may wait. Beyond, people are told to try again.',
  }),
  sessionCacheEntries: key({
    form: wholeNumber(0, 10_000_000),
    default: 100_000,
    says: 'Sessions kept in memory, in each project, of 2 kB each. One whose person has much metadata counts as several.',
  }),
  eventRetentionDays: key({
    form: wholeNumber(1, 36_500),
    default: 400,
    says: 'How long events are kept: the audit trail and the public log.',
  }),
  anonymousRetentionDays: key({
    form: wholeNumber(1, 36_500),
    default: 30,
    says: 'When anonymous people are erased who have no session any more: so long after they were last seen.',
  }),
  latchkeyConfig: key<string | null>({
    form: text('a path'),
    default: null,
    defaultWords: './latchkey.json, if it is there',
    only: 'environment',
    says: 'The configuration file.',
  }),
  nodeEnv: key<'production' | 'development' | 'test' | null>({
    form: oneOf('production', 'development', 'test'),
    default: null,
    defaultWords: 'development when PUBLIC_URL is loopback, else production',
    only: 'environment',
    says: '`production` refuses plain http public URLs; `development` shows kept mail to every address and has no limits per path.',
  }),
};

export type Settings = ValuesOf<typeof keys>;

/** Of one project, for the Better Auth dialect. */
export const betterAuthKeys = {
  errorCodes: key<'keyed' | 'derived'>({
    form: oneOf('keyed', 'derived'),
    default: 'keyed',
    says: 'Spelling of `error.code`; `derived` for applications of the Better Auth 1.2 era.',
  }),
  cookiePrefix: key({
    form: text('letters, digits, - and _', /^[A-Za-z0-9_-]{1,40}$/),
    default: 'better-auth',
    says: 'Start of every cookie name.',
  }),
  cookieDomain: key<string | null>({
    form: orNull(text('a domain such as example.com', /^(?:[a-z0-9-]+\.)+[a-z0-9-]+$/)),
    default: null,
    defaultWords: 'none: the host only',
    says: 'Shares cookies with every host of a domain. It must be the domain of the public URL or one above it.',
  }),
  invitationUrl: key<string | null>({
    form: orNull(text('a web address with {token} in it', /^https?:\/\/[^\s{}]+\{token\}[^\s{}]*$/)),
    default: null,
    defaultWords: 'a page of this server',
    says: 'Your page for people who follow a mailed invitation; `{token}` is replaced by the code.',
  }),
  apiKeysActAsOwner: key({
    form: onOff,
    default: false,
    says: 'API keys made from now on stand in for their owner’s session in `x-api-key`.',
  }),
  apiKeyListShape: key<'object' | 'array'>({
    form: oneOf('object', 'array'),
    default: 'object',
    says: 'Shape of `/api-key/list`; `array` for applications of the Better Auth 1.2 era.',
  }),
  apiKeyMetadata: key({ form: onOff, default: false, says: 'People may attach metadata to API keys.' }),
  serviceToken: key<string | null>({
    form: text('at least 32 characters without spaces', /^[\x21-\x7e]{32,}$/),
    default: null,
    secret: 'value',
    says: 'Bearer token of your own services: with it they administer people and organizations without a session, add members, set first passwords, verify API keys and issue keys with limits. None: they cannot.',
  }),
  magicLink: key({ form: onOff, default: true, says: 'Sign-in by mailed links: `/sign-in/magic-link`.' }),
  emailOtp: key({ form: onOff, default: true, says: 'Mailed codes: `/sign-in/email-otp` and `/email-otp/…`.' }),
  anonymous: key({
    form: onOff,
    default: false,
    says: 'Sessions of people without any identifier: `/sign-in/anonymous`.',
  }),
  multiSession: key({
    form: onOff,
    default: false,
    says: 'Several accounts signed in in one browser: `/multi-session/…`.',
  }),
  oneTimeToken: key({
    form: onOff,
    default: false,
    says: 'Tokens that hand a session to another domain, once: `/one-time-token/…`.',
  }),
  jwt: key({
    form: onOff,
    default: false,
    says: 'Tokens that services verify by themselves: `/token`, `/jwks` and the header `set-auth-jwt`.',
  }),
  jwtAlgorithm: key<'EdDSA' | 'ES256'>({
    form: oneOf('EdDSA', 'ES256'),
    default: 'EdDSA',
    says: 'What those tokens are signed with, from the first key on; `latchkey project rotate-signing-keys` changes it later.',
  }),
  lastLoginMethod: key({
    form: onOff,
    default: false,
    says: 'A cookie that pages can read tells how this browser signed in last (`lastLoginMethodClient`).',
  }),
  listSessionsFresh: key({ form: onOff, default: false, says: 'Listing sessions asks for a fresh session.' }),
  additionalFields: key<Readonly<Record<string, AdditionalField>>>({
    form: withoutReserved(
      record('an object of field names, each with a type or options', fieldName, additionalField),
      (name) => reservedUserFields.has(name) || isInheritedName(name),
      'users, sign-up or tokens have members of that name already',
    ),
    default: {},
    says: 'User fields of the application: name to `string`, `number`, `boolean`, `date`, `string[]` or `number[]`, or to an object with `type`, `required` (at sign-up), `input` (false: only administrators and services write it) and `default`.',
  }),
};

/** Of the Hexclave dialect, for one project. */
export const hexclaveKeys = {
  generation: key<'current' | 'legacy'>({
    form: oneOf('current', 'legacy'),
    default: 'current',
    says: '`legacy` words errors and names headers as before the product was renamed from Stack Auth.',
  }),
  cliLoginSeconds: key({
    form: wholeNumber(10, 900),
    default: 120,
    says: 'How long a sign-in started by a command-line program waits for its browser.',
  }),
};

const pagePath = text('a path such as /verify-email', /^\/[^\s?#{}]*$/);

/** Of the AxumKit dialect, for one project. */
export const axumKitKeys = {
  frontendUrl: key<string | null>({
    form: orNull(webOrigin),
    default: null,
    defaultWords: 'none: pages of this server',
    says: 'Your application’s own pages: mailed links lead there, to the paths below, with `?token=`.',
  }),
  verifyEmailPath: key({ form: pagePath, default: '/verify-email', says: 'Page that takes a verification token.' }),
  resetPasswordPath: key({ form: pagePath, default: '/reset-password', says: 'Page that takes a reset token.' }),
  confirmEmailChangePath: key({
    form: pagePath,
    default: '/confirm-email-change',
    says: 'Page that takes the token of a change of address.',
  }),
  googleRedirectUri: key<string | null>({
    form: webPage,
    default: null,
    says: 'Your page that Google sends people back to, as registered there.',
  }),
  githubRedirectUri: key<string | null>({
    form: webPage,
    default: null,
    says: 'Your page that GitHub sends people back to, as registered there.',
  }),
  totpIssuer: key<string | null>({
    form: orNull(text('a name')),
    default: null,
    defaultWords: 'the name of the project',
    says: 'What authenticator apps call your application.',
  }),
  cookieDomain: key<string | null>({
    form: orNull(text('a domain such as example.com', /^(?:[a-z0-9-]+\.)+[a-z0-9-]+$/)),
    default: null,
    defaultWords: 'none: the host only',
    says: 'Shares cookies with every host of a domain. It must be the domain of the public URL or one above it.',
  }),
  originCheck: key({
    form: onOff,
    default: true,
    says: 'Writes with cookies are refused from origins that are not trusted.',
  }),
};

const projectKey = (says: string) => key<string | null>({ form: keyDigest, default: null, secret: 'value', says });

/** Of one project, beside those that are made by command and over the admin API. Digests are all that is kept. */
export const projectKeyKeys = {
  publishable: projectKey('What browser applications show.'),
  server: projectKey('What the application’s server shows.'),
  admin: projectKey('What administers the project.'),
};
