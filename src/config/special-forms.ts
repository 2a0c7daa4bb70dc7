import { createHash } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import { type Form, form, list } from './forms.ts';
import { postgresUrl } from './service-urls.ts';

/** Phrases of documentation and templates. Whoever reads those could sign our cookies (rule 38). */
const samplePhrases = [
  'changeme',
  'changethis',
  'replaceme',
  'replacethis',
  'betterauthsecret',
  'yoursecret',
  'supersecret',
  'mysecret',
  'secretsecret',
  'secretkey',
  'notasecret',
  'notsecret',
  'insecure',
  'placeholder',
  'example',
  'password',
  'donotuse',
  'atleast32',
  '1234567890',
  'abcdefghij',
];
const sampleWords = new Set(['secret', 'latchkey', 'test', 'dev', 'development', 'admin']);
const minSecretLength = 32;
/** 32 random characters have about 25 different ones; `xxxxxxxx…` and `abcabcabc…` have few. */
const minDifferentCharacters = 10;

export const secretForm: Form<string> = {
  words: `at least ${minSecretLength} random characters`,
  read(given) {
    if (typeof given !== 'string') return { problem: 'is not text' };
    const plain = given.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
    if (sampleWords.has(plain) || samplePhrases.some((phrase) => plain.includes(phrase))) {
      return { problem: 'is a sample secret that anybody can look up' };
    }
    if (given.length < minSecretLength) return { problem: `is shorter than ${minSecretLength} characters` };
    if (new Set(given).size < minDifferentCharacters) return { problem: 'repeats itself and can be guessed' };
    return { value: given };
  },
};

/** A key that applications show in a header. What is kept of it is its digest. */
export const keyDigest: Form<string> = {
  words: `${secretForm.words} without spaces`,
  read(given) {
    if (typeof given !== 'string' || !/^[\x21-\x7e]*$/.test(given)) return { problem: 'is not printable ASCII' };
    const reading = secretForm.read(given);
    return 'value' in reading ? { value: createHash('sha256').update(reading.value).digest('hex') } : reading;
  },
};

export const previousSecrets = list('secrets that were in use before', (part) => part);

export type DatabasePlace =
  | { readonly engine: 'sqlite'; readonly file: string }
  | { readonly engine: 'postgres'; readonly url: string };

export const databasePlace: Form<DatabasePlace> = {
  words: 'sqlite:<file> or postgres://user@host/database',
  read(given) {
    const place = typeof given === 'string' ? given : '';
    if (/^postgres(?:ql)?:\/\//.test(place)) {
      const reading = postgresUrl.read(place);
      return 'value' in reading ? { value: { engine: 'postgres', url: reading.value } } : reading;
    }
    const file = /^sqlite:(.+)$/.exec(place)?.[1];
    // A database in memory would not be seen by the connection that writes.
    if (file === undefined || file.includes(':memory:')) return { problem: `is not ${databasePlace.words}` };
    return { value: { engine: 'sqlite', file } };
  },
};

const namedNetworks = new Set(['loopback', 'linklocal', 'uniquelocal']);

export const networks = list('addresses and CIDR blocks, or loopback, linklocal, uniquelocal', (part) => {
  if (namedNetworks.has(part)) return part;
  const [address = '', prefix, ...rest] = part.split('/');
  if (isIP(address) === 0 || rest.length > 0) return undefined;
  if (prefix === undefined) return part;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv6(address) ? 128 : 32) ? part : undefined;
});

/** `auth@example.com` or `Latchkey <auth@example.com>`; a line break would be another header. */
export const mailbox: Form<string> = form('a mail address such as Latchkey <auth@example.com>', (given) => {
  if (typeof given !== 'string' || /\p{Cc}/u.test(given)) return undefined;
  const address = /^[^<>]*<([^<>]+)>$/.exec(given)?.[1] ?? given;
  return /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(address) ? given : undefined;
});
