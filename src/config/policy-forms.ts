import { type Form, form } from './forms.ts';

const maxPatternLength = 200;

/** Whole names only, and never `@`: a sign-in name with it is an e-mail address. */
export const usernamePattern: Form<RegExp> = form('a regular expression from ^ to $ that does not allow @', (given) => {
  const source = given instanceof RegExp ? given.source : given;
  if (typeof source !== 'string' || source.length > maxPatternLength) return undefined;
  if (!source.startsWith('^') || !source.endsWith('$')) return undefined;
  try {
    const pattern = new RegExp(source, 'u');
    return ['@', 'a@b', 'alice@example.com'].some((name) => pattern.test(name)) ? undefined : pattern;
  } catch {
    return undefined;
  }
});

export const reservedName = (name: string): string | undefined =>
  /^\S{1,64}$/u.test(name) ? name.toLowerCase() : undefined;

/** Schemes that run what they carry. */
const neverAScheme = new Set(['javascript', 'data', 'vbscript', 'file', 'blob', 'about']);

/** `https://app.example.com`, `https://*.example.com`, `myapp://callback`. */
export function originPattern(pattern: string): string | undefined {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^\s\p{Cc}]*)$/iu.exec(pattern) ?? [];
  if (scheme === undefined || neverAScheme.has(scheme.toLowerCase())) return undefined;
  if (!/^https?$/i.test(scheme)) return rest.includes('*') ? undefined : pattern;
  const host = /^([^/?#@:[\]]+|\[[0-9a-f:.]+\])(?::\d{1,5})?\/?$/i.exec(rest)?.[1];
  if (host === undefined) return undefined;
  // `https://*.com` would trust whoever buys a domain.
  const registrable = host.split('.').slice(-2);
  if (host.includes('*') && (registrable.length < 2 || registrable.join('').includes('*'))) return undefined;
  return pattern;
}

/** A name without scheme, port or path. */
export const hostName: Form<string> = form('a host name, for example "example.com"', (given) =>
  typeof given === 'string' && /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(given)
    ? given
    : undefined,
);
