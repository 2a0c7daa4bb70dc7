import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Context } from '../context.ts';
import { isPublicProfile } from '../users/read-public-profile.ts';
import type { Person } from '../users/user.ts';
import type { Event, EventType } from './event.ts';

/** What strangers may be told that somebody did. */
export type PublicAction =
  | 'account_created'
  | 'profile_changed'
  | 'signed_in'
  | 'signed_in_by_provider'
  | 'signed_out'
  | 'provider_linked'
  | 'provider_unlinked';

/** How much of the public log `axumkit.publicLog` lets be seen. */
export type PublicLog = 'off' | 'profile' | 'all';

interface PublicRow {
  readonly types: readonly EventType[];
  /** Of sign-ins: those by a provider, or all others. */
  readonly byProvider?: boolean;
  /** Without it, only `all` shows the action. */
  readonly profile?: true;
}

/** The events of core map §5.4 that strangers may ever see (W3). No other is recorded as public. */
const rows: { readonly [action in PublicAction]: PublicRow } = {
  account_created: { types: ['account.created'], profile: true },
  profile_changed: { types: ['account.updated', 'account.image_changed'], profile: true },
  signed_in: { types: ['account.signed_in'], byProvider: false },
  signed_in_by_provider: { types: ['account.signed_in'], byProvider: true },
  signed_out: { types: ['account.signed_out', 'session.ended'] },
  provider_linked: { types: ['provider.linked'] },
  provider_unlinked: { types: ['provider.unlinked'] },
};

export const publicActions = Object.keys(rows) as readonly PublicAction[];

/** What the project shows now, of what it has recorded as public. */
export function shownActions({ project }: Pick<Context, 'project'>): readonly PublicAction[] {
  const { publicLog } = project.policy.axumkit;
  if (publicLog === 'off') return [];
  return publicActions.filter((action) => rows[action].profile || publicLog === 'all');
}

/** Fields of an `account.updated` that a public profile shows. */
const shownFields: ReadonlySet<unknown> = new Set([
  'displayName',
  'bio',
  'imageUrl',
  'imageFileId',
  'username',
  'usernameNormal',
  'usernameDisplay',
]);

/** What an event would be to strangers; null for what they are never told, whoever it is about. */
export function publicActionOf(
  ctx: Pick<Context, 'project'>,
  { type, data = {} }: { readonly type: EventType; readonly data?: JsonObject },
): PublicAction | null {
  const fields = type === 'account.updated' && Array.isArray(data.fields) ? data.fields : null;
  if (fields && !fields.some((field) => shownFields.has(field))) return null;
  const fits = ({ types, byProvider }: PublicRow) =>
    types.includes(type) && (byProvider === undefined || (data.method === 'provider') === byProvider);
  return shownActions(ctx).find((action) => fits(rows[action])) ?? null;
}

/** Whoever has no public profile, or is kept out, has no public events. */
export const isPublicPerson = (ctx: Pick<Context, 'project' | 'surface' | 'clock'>, person: Person): boolean =>
  isPublicProfile(ctx, person) && !person.anonymous && person.restrictedAt === null;

/** All that strangers are told of an event: no address, no network, no device, nothing that was changed. */
export interface PublicEvent {
  readonly id: Id;
  readonly action: PublicAction;
  /** Null when somebody else did it, an administrator for example: who that was is nobody's business. */
  readonly actorId: Id | null;
  readonly userId: Id;
  readonly at: Instant;
}

export function publicView({ id, publicAction, actorKind, actorId, subjectUserId, createdAt }: Event): PublicEvent {
  const userId = subjectUserId!;
  // Who signs up or in is nobody yet.
  const themselves = actorKind === 'anonymous' || actorId === userId;
  return { id, action: publicAction!, actorId: themselves ? userId : null, userId, at: createdAt };
}
