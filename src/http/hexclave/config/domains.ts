import { wildcardIsSafe } from '../../../base/host-wildcard.ts';
import type { ConfigOverrides } from '../../../core/projects/project-record.ts';

/** A site that may be sent back to (spec §1.15). */
export interface TrustedDomain {
  readonly id: string;
  readonly baseUrl: string;
  readonly handlerPath: string;
}

/** By id. */
export function trustedDomains(config: ConfigOverrides): readonly TrustedDomain[] {
  return Object.keys(config)
    .flatMap((path) => /^domains\.trustedDomains\.([^.]+)\.baseUrl$/.exec(path)?.[1] ?? [])
    .sort()
    .map((id) => ({
      id,
      baseUrl: String(config[`domains.trustedDomains.${id}.baseUrl`]),
      handlerPath: String(config[`domains.trustedDomains.${id}.handlerPath`] ?? '/handler'),
    }));
}

/**
 * The origin of a base URL, whose path counts for nothing. Null: no web address, or a wildcard that trusts too many.
 */
export function originOf(baseUrl: string): string | null {
  const [, origin, host = ''] =
    /^(https?:\/\/([a-z0-9*_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?)(?:[/?#].*)?$/i.exec(baseUrl) ?? [];
  if (origin === undefined) return null;
  if (!host.includes('*')) return URL.canParse(origin) ? origin : null;
  return wildcardIsSafe(host) ? origin : null;
}
