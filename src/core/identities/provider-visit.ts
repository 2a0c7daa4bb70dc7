import { emailForm } from '../../base/email-form.ts';
import type { JsonObject } from '../../base/json.ts';
import { Refusal } from '../../base/refusal.ts';
import { withoutFormatCharacters } from '../../base/text.ts';
import type { Context } from '../context.ts';
import { type MetadataObject, metadataOrNone } from '../metadata.ts';
import type { SignUpFacts } from '../users/judge-sign-up.ts';
import { readDisplayName, readImageUrl } from '../users/profile-rules.ts';
import type { IdentityProvider, ProviderFacts, ProviderProfile, ProviderTokens } from './provider.ts';

/** Somebody came back from a provider: what it said and gave, verified. */
export interface ProviderVisit {
  readonly facts: ProviderFacts;
  readonly profile: ProviderProfile;
  readonly tokens: ProviderTokens;
}

/** @throws Refusal provider_not_found for an unknown provider and for one that may not be used this way (rule 5) */
export function findProvider(
  ctx: Pick<Context, 'providers'>,
  key: string,
  use: 'sign_in' | 'link' | 'tokens',
): IdentityProvider {
  const provider = ctx.providers.find(key);
  if (!provider) throw new Refusal('provider_not_found');
  const allowed = { sign_in: provider.facts.allowSignIn, link: provider.facts.allowConnect, tokens: true }[use];
  if (!allowed) throw new Refusal('provider_not_found', { why: `not allowed: ${use}` });
  return provider;
}

/** A provider's name for a person, without format characters. A bad name is left out, it does not stop a sign-in. */
export const nameFrom = (ctx: Pick<Context, 'surface'>, profile: ProviderProfile): string | null =>
  orNull(() => readDisplayName(ctx, profile.name && withoutFormatCharacters(profile.name)));

/** Only addresses a browser may load (core map U6). */
export const imageFrom = (profile: ProviderProfile): string | null =>
  profile.imageUrl !== null && /^https?:\/\//i.test(profile.imageUrl)
    ? orNull(() => readImageUrl(profile.imageUrl))
    : null;

function orNull<T>(read: () => T): T | null {
  try {
    return read();
  } catch (fault) {
    if (fault instanceof Refusal) return null;
    throw fault;
  }
}

/** What is kept of the provider's own words; a hostile provider does not fill the database. */
export const keptProfile = (raw: JsonObject): MetadataObject => metadataOrNone(raw);

/** What sign-up rules are told of whoever comes. */
export const signUpFacts = ({ facts, profile }: ProviderVisit): SignUpFacts => ({
  email: emailForm(profile.email ?? ''),
  method: 'oauth',
  provider: facts.key,
});
