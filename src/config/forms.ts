/** The forms values may have, in the environment (text) and in the file (JSON). */
export interface Form<T> {
  /** Completes "must be …" and stands in the documentation. */
  readonly words: string;
  read(given: unknown): Reading<T>;
}

export type Reading<T> = { readonly value: T } | { readonly problem: string };

/** `parse` returns undefined for what does not have the form. */
export const form = <T>(words: string, parse: (given: unknown) => T | undefined): Form<T> => ({
  words,
  read(given) {
    const value = parse(given);
    return value === undefined ? { problem: `is not ${words}` } : { value };
  },
});

export const text = (words: string, pattern: RegExp = /^[^\p{Cc}]+$/u): Form<string> =>
  form(words, (given) => (typeof given === 'string' && pattern.test(given) ? given : undefined));

export const wholeNumber = (min: number, max: number): Form<number> =>
  form(`a whole number from ${min} to ${max}`, (given) => {
    const number = typeof given === 'string' && /^-?\d{1,15}$/.test(given.trim()) ? Number(given) : given;
    return typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max
      ? number
      : undefined;
  });

export const onOff: Form<boolean> = form('on or off (true or false)', (given) => {
  if (given === true || given === 'on' || given === 'true') return true;
  if (given === false || given === 'off' || given === 'false') return false;
  return undefined;
});

export const oneOf = <T extends string>(...words: readonly T[]): Form<T> =>
  form(`one of ${words.join(', ')}`, (given) => words.find((word) => word === given));

export const orNull = <T>(inner: Form<T>): Form<T | null> => ({
  words: `${inner.words}, or null`,
  read: (given) => (given === null ? { value: null } : inner.read(given)),
});

/** An array, or text with commas between. */
export const list = (words: string, item: (text: string) => string | undefined): Form<readonly string[]> =>
  form(`a list of ${words}`, (given) => {
    const items = typeof given === 'string' ? given.split(',').map((part) => part.trim()) : given;
    if (!Array.isArray(items)) return undefined;
    const read = items.filter((part) => part !== '').map((part) => (typeof part === 'string' ? item(part) : undefined));
    return read.includes(undefined) ? undefined : (read as string[]);
  });

export const url = (words: string, protocols: readonly string[]): Form<string> =>
  form(words, (given) => {
    if (typeof given !== 'string' || !URL.canParse(given)) return undefined;
    const parsed = new URL(given);
    return protocols.includes(parsed.protocol) && parsed.hostname !== '' ? given : undefined;
  });

/** `https://auth.example.com`: http or https, and nothing after the port. */
export const webOrigin: Form<string> = form('an origin such as https://auth.example.com', (given) => {
  if (typeof given !== 'string' || !/^https?:\/\//i.test(given) || !URL.canParse(given)) return undefined;
  const { origin, pathname, search, hash, username, password } = new URL(given);
  return pathname === '/' && search + hash + username + password === '' ? origin : undefined;
});

export const isPlainObject = (given: unknown): given is Readonly<Record<string, unknown>> =>
  typeof given === 'object' && given !== null && !Array.isArray(given) && !(given instanceof RegExp);

/** `{ name: value }`, every value of one form. */
export const record = <T>(words: string, name: RegExp, value: Form<T>): Form<Readonly<Record<string, T>>> => ({
  words,
  read(given) {
    if (!isPlainObject(given)) return { problem: `is not ${words}` };
    const read: Record<string, T> = {};
    for (const [key, item] of Object.entries(given)) {
      if (!name.test(key)) return { problem: `is not ${words}` };
      const reading = value.read(item);
      if (!('value' in reading)) return { problem: `is not ${words}: ${key} ${reading.problem}` };
      read[key] = reading.value;
    }
    return { value: read };
  },
});

export const isLoopback = (host: string): boolean =>
  host === 'localhost' ||
  host.endsWith('.localhost') ||
  host === '[::1]' ||
  host === '::1' ||
  /^127(?:\.\d{1,3}){3}$/.test(host);

/** What members of an object may be called. */
export const fieldName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

export const webPage = orNull(url('a web address', ['https:', 'http:']));
