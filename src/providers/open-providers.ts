import type { Clock } from '../base/clock.ts';
import type { ProviderConfig } from '../base/configuration.ts';
import { isReservedProvider } from '../base/provider-name.ts';
import type { IdentityProvider, IdentityProviders } from '../core/identities/provider.ts';
import { openDocuments } from './documents.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { kinds } from './kinds.ts';
import { openProvider } from './provider.ts';

/**
 * The providers of one project. Nothing is fetched before somebody signs in.
 * @throws Error for a reserved name, a type nobody knows or a provider without client id: a mistake in configuration; where `onProblem`
 * is told instead, the provider is left out
 */
export function openProviders(
  configs: readonly ProviderConfig[],
  deps: { readonly clock: Clock; readonly fetch: GuardedFetch; readonly onProblem?: (problem: string) => void },
): IdentityProviders {
  const documents = openDocuments(deps);
  const providers = new Map<string, IdentityProvider>();
  function openOne(config: ProviderConfig): IdentityProvider {
    const kind = kinds.get(config.type);
    if (isReservedProvider(config.key)) throw new Error(`provider ${config.key}: the name means something else here`);
    if (!kind) throw new Error(`provider ${config.key}: unknown type ${config.type}`);
    if (!config.clientIds[0]) throw new Error(`provider ${config.key}: no client id`);
    if (!kind.server && !config.issuer) throw new Error(`provider ${config.key}: no issuer`);
    return openProvider({ ...deps, documents, kind, config });
  }
  for (const config of configs) {
    try {
      providers.set(config.key, openOne(config));
    } catch (fault) {
      if (!deps.onProblem) throw fault;
      deps.onProblem((fault as Error).message);
    }
  }
  return { find: (key) => providers.get(key) ?? null, list: () => [...providers.values()] };
}
