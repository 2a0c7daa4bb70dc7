import type { JsonObject, JsonValue } from '../base/json.ts';
import { Refusal } from '../base/refusal.ts';
import type { ProviderProfile } from '../core/identities/provider.ts';
import type { ProfileSource } from './provider-kind.ts';

type Field = JsonValue | undefined;

export const text = (value: Field): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Some providers write `"true"`; everything else is no. */
export const yes = (value: Field): boolean => value === true || value === 'true' || value === 1 || value === '1';

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const object = (value: Field): JsonObject => (isObject(value) ? value : {});

interface Said {
  readonly subject: Field;
  readonly email?: Field;
  readonly emailVerified?: boolean;
  readonly emailUnread?: boolean;
  readonly name?: Field;
  readonly imageUrl?: Field;
  readonly raw: JsonObject;
}

/**
 * The key a person is found by, or null. Two subjects never become one: a number that was rounded is none, and neither
 * is text that a database would store otherwise than it was sent (lone surrogates, U+0000).
 */
function subjectOf(said: Field): string | null {
  const subject = typeof said === 'number' && Number.isSafeInteger(said) ? String(said) : text(said);
  if (subject === null || subject.trim() === '' || subject.length > 512) return null;
  return subject.isWellFormed() && !subject.includes('\0') ? subject : null;
}

/** @throws Refusal provider_profile_unusable without a subject: it is the key a person is found by (rule 1) */
export function profileOf(said: Said): ProviderProfile {
  const subject = subjectOf(said.subject);
  if (subject === null) throw new Refusal('provider_profile_unusable', { why: 'no subject' });
  const email = text(said.email);
  return {
    subject,
    email,
    emailVerified: email !== null && (said.emailVerified ?? false),
    ...(email === null && said.emailUnread && { emailUnread: true }),
    name: text(said.name),
    imageUrl: text(said.imageUrl),
    raw: said.raw,
  };
}

/**
 * Standard claims (OIDC Core §5.1). The ID token is asked first; userinfo fills in what it leaves out and must speak of
 * the same subject (§5.3.2).
 */
export async function standardProfile(source: ProfileSource): Promise<ProviderProfile> {
  const { claims } = source;
  const info = claims && text(claims.email) !== null ? null : await source.userinfo();
  if (claims && info && info.sub !== claims.sub) {
    throw new Refusal('provider_profile_unusable', { why: 'userinfo speaks of another subject' });
  }
  const raw: JsonObject = { ...info, ...claims };
  return profileOf({
    subject: raw.sub,
    email: raw.email,
    // Address and flag come from one document: one's flag says nothing about the other's address.
    emailVerified: yes(text(claims?.email) !== null ? claims?.email_verified : info?.email_verified),
    name: text(raw.name) ?? joined(raw.given_name, raw.family_name) ?? text(raw.preferred_username),
    imageUrl: raw.picture,
    raw,
  });
}

export function joined(...parts: readonly Field[]): string | null {
  return text(
    parts
      .map(text)
      .filter((part) => part !== null)
      .join(' '),
  );
}
