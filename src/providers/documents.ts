import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { discoveryRequest, processDiscoveryResponse } from 'oauth4webapi';
import { type Clock, type Instant, minutes, seconds } from '../base/clock.ts';
import { asRefusal, unavailable } from './faults.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { libraryFetch } from './library-fetch.ts';
import { isObject } from './profile-fields.ts';
import type { Server } from './provider-kind.ts';

const discoveryLife = minutes(60);
const keysLife = minutes(10);
/** A key id nobody has seen makes us look again, but not more often than this. */
const keysCooldown = seconds(30);

interface Kept<T> {
  readonly value: T;
  readonly at: Instant;
}

/** What a provider publishes, fetched when it is first needed and again when it is old. */
export interface Documents {
  discover(issuer: string): Promise<Server>;
  keys(jwksUri: string): JWTVerifyGetKey;
}

export function openDocuments(deps: { readonly clock: Clock; readonly fetch: GuardedFetch }): Documents {
  const servers = new Map<string, Kept<Server>>();
  const keySets = new Map<string, Kept<JWTVerifyGetKey>>();
  const young = (kept: Kept<unknown>, life: number) => deps.clock.now() - kept.at < life;

  async function fetchKeys(uri: string): Promise<Kept<JWTVerifyGetKey>> {
    const response = await deps.fetch(uri, { headers: { accept: 'application/json' } });
    if (response.status !== 200) throw unavailable(`keys: status ${response.status}`);
    const set: unknown = await response.json().catch(() => null);
    if (!isObject(set) || !Array.isArray(set.keys)) throw unavailable('keys: not a key set');
    const kept = { value: createLocalJWKSet(set as unknown as JSONWebKeySet), at: deps.clock.now() };
    keySets.set(uri, kept);
    return kept;
  }

  return {
    async discover(issuer) {
      const kept = servers.get(issuer);
      if (kept && young(kept, discoveryLife)) return kept.value;
      try {
        const value = await asRefusal('provider_unavailable', 'discovery', async () => {
          const url = new URL(issuer);
          return processDiscoveryResponse(url, await discoveryRequest(url, libraryFetch(deps.fetch)));
        });
        servers.set(issuer, { value, at: deps.clock.now() });
        return value;
      } catch (fault) {
        // An outage of one document does not undo what is known: keys and signatures are still checked.
        if (kept) return kept.value;
        throw fault;
      }
    },

    keys: (uri) => async (header, token) => {
      const known = keySets.get(uri);
      let kept = known && young(known, keysLife) ? known : await fetchKeys(uri);
      try {
        return await kept.value(header, token);
      } catch (fault) {
        if (young(kept, keysCooldown)) throw fault;
        kept = await fetchKeys(uri);
        return kept.value(header, token);
      }
    },
  };
}
