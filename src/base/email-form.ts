import { domainToASCII, domainToUnicode } from 'node:url';

/** What an e-mail address becomes before anything looks at it. */
export interface EmailForm {
  /** What mail is sent to and what is shown: normal, but with a Unicode domain. */
  readonly value: string;
  /** What addresses are compared by: lower case, NFKC, domain in A-labels. */
  readonly normal: string;
}

/** Kept in `instance`: a change of this function changes who collides with whom. */
export const emailFormVersion = 1;

/** Stands in for the address of a person who has none (core map E3). Never stored, never mailed. */
export const placeholderDomain = 'users.latchkey.invalid';

const controlOrSpace = /[\p{Cc}\p{Cf}\p{Z}]/u;
/** `K` (U+212A, the Kelvin sign) becomes a plain `k` in every normal form: another mailbox, by its look alone. */
const foldsToAscii = (text: string): boolean =>
  [...text].some((letter) => letter > '~' && /^[ -~]*$/.test(letter.normalize('NFKC').toLowerCase()));
const localPart = /^[^\s@"(),:;<>[\]\\]+$/u;

/**
 * The one normal form of an address (core map E1). Null when the text is not an address:
 * other than one `@`, control characters, over 254 bytes, an empty part, or a local part that NFKC would fold onto
 * somebody else's mailbox.
 */
export function emailForm(text: string): EmailForm | null {
  const trimmed = text.trim();
  if (trimmed.length === 0 || controlOrSpace.test(trimmed)) return null;
  const at = trimmed.indexOf('@');
  if (at <= 0 || at !== trimmed.lastIndexOf('@') || at === trimmed.length - 1) return null;
  const typedLocal = trimmed.slice(0, at);
  if (foldsToAscii(typedLocal)) return null;
  const local = typedLocal.normalize('NFKC').toLowerCase();
  // A local part that only compatibility folding makes equal to another is another mailbox (rule 4).
  if (local !== typedLocal.normalize('NFC').toLowerCase() || !localPart.test(local)) return null;
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return null;
  const typedDomain = trimmed
    .slice(at + 1)
    .normalize('NFKC')
    .toLowerCase();
  if (notInDomain.test(typedDomain)) return null;
  const domain = domainToASCII(typedDomain);
  if (!isDomain(domain) || domain === placeholderDomain) return null;
  const normal = `${local}@${domain}`;
  if (Buffer.byteLength(normal) > 254) return null;
  return { value: `${local}@${domainToUnicode(domain)}`, normal };
}

declare const reachable: unique symbol;

/** The form of an address that may be given to somebody: what makes rows of addresses takes no other. */
export type NewEmailForm = EmailForm & { readonly [reachable]: true };

const maxLocalBytes = 64; // RFC 5321 §4.5.3.1.1

/**
 * The same for an address that somebody gets only now: one that mail can be sent to by every server. Those that are
 * stored are found by `emailForm`, whatever rules they were taken under.
 * Null as well when the local part is not ASCII (most servers lack SMTPUTF8, RFC 6531) or over 64 bytes, or when the
 * domain is a number, as addresses of machines are.
 */
export function newEmailForm(text: string): NewEmailForm | null {
  const form = emailForm(text);
  if (!form) return null;
  const [local = '', domain = ''] = form.normal.split('@');
  const unreachable = local.length > maxLocalBytes || /[^\x21-\x7e]/.test(local) || /(?:^|\.)\d+$/.test(domain);
  return unreachable ? null : (form as NewEmailForm);
}

/** `domainToASCII` reads a host as URLs have it: it decodes `%61` and stops at `/`. Neither is part of an address. */
const notInDomain = /[^a-z0-9.\-\u0080-\u{10ffff}]/u;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const isDomain = (text: string): boolean => text.length > 0 && text.split('.').every((part) => label.test(part));
