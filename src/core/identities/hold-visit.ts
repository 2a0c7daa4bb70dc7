import type { JsonObject } from '../../base/json.ts';
import type { Context } from '../context.ts';
import type { ProviderProfile, ProviderTokens } from './provider.ts';
import { keptProfile, type ProviderVisit } from './provider-visit.ts';

/** What is remembered of a visit that waits for something; sealed in its one-time value. */
export type HeldVisit = JsonObject & {
  provider: string;
  profile: JsonObject & { [field in keyof ProviderProfile]: JsonObject[string] };
  tokens: JsonObject;
};

export const holdVisit = ({ facts, profile, tokens }: ProviderVisit): HeldVisit =>
  ({
    provider: facts.key,
    profile: { ...profile, raw: keptProfile(profile.raw) ?? {} },
    tokens: { ...tokens, scopes: [...tokens.scopes] },
  }) as unknown as HeldVisit;

/** The visit again, as the provider told it. */
export const heldVisit = (ctx: Pick<Context, 'providers'>, held: HeldVisit): ProviderVisit | null => {
  const provider = ctx.providers.find(held.provider);
  if (!provider) return null;
  return {
    facts: provider.facts,
    profile: held.profile as unknown as ProviderProfile,
    tokens: held.tokens as unknown as ProviderTokens,
  };
};
