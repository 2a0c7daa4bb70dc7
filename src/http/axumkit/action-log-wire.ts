import type { PublicFilter } from '../../core/audit/list-events.ts';
import type { PublicAction, PublicEvent } from '../../core/audit/public-log.ts';
import { readUuid } from './schemas.ts';
import { timeWire } from './wire.ts';

/** Upstream's names (spec §2.7, core map §5.4), and what a line of the log says. */
const words: { readonly [action in PublicAction]: { readonly action: string; readonly summary: string } } = {
  account_created: { action: 'user:create', summary: 'Account created' },
  profile_changed: { action: 'user:edit', summary: 'Profile changed' },
  signed_in: { action: 'auth:login', summary: 'Signed in' },
  signed_in_by_provider: { action: 'auth:oauth_login', summary: 'Signed in by a provider' },
  signed_out: { action: 'auth:logout', summary: 'Signed out' },
  provider_linked: { action: 'oauth:link', summary: 'Provider linked' },
  provider_unlinked: { action: 'oauth:unlink', summary: 'Provider unlinked' },
};

/** There are no posts here: these names are known and match nothing. */
const ofPosts = ['post:create', 'post:edit', 'post:delete'] as const;

export const actionNames: readonly string[] = [...ofPosts, ...Object.values(words).map(({ action }) => action)];

/** Everything is about a user, and nothing tells where anybody was or what exactly they changed (core map W3). */
export const logWire = ({ id, action, actorId, userId, at }: PublicEvent) => ({
  id,
  action: words[action].action,
  actor_id: actorId,
  actor_ip: null,
  resource_type: 'User',
  resource_id: userId,
  summary: words[action].summary,
  metadata: {},
  created_at: timeWire(at),
});

/** Empty values count as absent. */
export interface LogQuery {
  readonly user_id?: string;
  readonly resource_id?: string;
  readonly resource_type?: string;
  readonly actions?: readonly string[];
}

export function readFilter({ user_id, resource_id, resource_type, actions = [] }: LogQuery): PublicFilter {
  const wanted = actions.filter((name) => name !== '');
  const all = Object.keys(words) as PublicAction[];
  const chosen = wanted.length === 0 ? null : all.filter((action) => wanted.includes(words[action].action));
  return {
    ...(chosen && { actions: chosen }),
    ...(resource_type === 'Post' && { actions: [] }),
    ...(user_id && { actorId: readUuid(user_id) }),
    ...(resource_id && { userId: readUuid(resource_id) }),
  };
}
