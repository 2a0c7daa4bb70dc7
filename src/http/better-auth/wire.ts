import { type Instant, isoTime } from '../../base/clock.ts';
import { placeholderDomain } from '../../base/email-form.ts';
import type { Context } from '../../core/context.ts';
import type { Session } from '../../core/sessions/session.ts';
import { hasSecondFactor, type Person } from '../../core/users/user.ts';
import { shownFields } from './additional-fields.ts';
import type { BetterAuthSettings } from './settings.ts';

const time = (at: Instant | null): string | null => (at === null ? null : isoTime(at));

/** The address shown: people without one get a place-holder that is never mailed (core map E3). */
export const shownEmail = (person: Person): string => person.email?.value ?? `${person.id}@${placeholderDomain}`;

/** The picture: a file of ours, else the address that was given. */
export const imageOf = (
  person: Pick<Person, 'imageKey' | 'imageUrl'>,
  { filesUrl }: Pick<BetterAuthSettings, 'filesUrl'>,
): string | null => (person.imageKey === null ? person.imageUrl : `${filesUrl}/${person.imageKey}`);

/** Spec §1.5: the full user, on every endpoint that shows one. */
export function userWire(
  person: Person,
  settings: Pick<BetterAuthSettings, 'additionalFields' | 'anonymous' | 'filesUrl'>,
) {
  return {
    id: person.id,
    name: person.displayName ?? '',
    email: shownEmail(person),
    emailVerified: person.email?.verifiedAt != null,
    image: imageOf(person, settings),
    createdAt: isoTime(person.createdAt),
    updatedAt: isoTime(person.updatedAt),
    username: person.usernameNormal,
    displayUsername: person.usernameDisplay,
    twoFactorEnabled: hasSecondFactor(person.factors),
    role: person.roles.length === 0 ? 'user' : person.roles.join(','),
    banned: person.bannedAt !== null,
    banReason: person.banReason,
    banExpires: time(person.banExpiresAt),
    ...(settings.anonymous && { isAnonymous: person.anonymous }),
    ...shownFields(person, settings),
  };
}

/** `token` is the real one for the session that asks, the handle for others: rows keep no tokens (core map T5). */
export function sessionWire(session: Session, token: string, { ctx }: { readonly ctx: Pick<Context, 'project'> }) {
  return {
    id: session.id,
    token,
    userId: session.userId,
    expiresAt: isoTime(session.expiresAt),
    createdAt: isoTime(session.createdAt),
    updatedAt: isoTime(session.updatedAt),
    ipAddress: session.ip ?? '',
    userAgent: session.userAgent ?? '',
    impersonatedBy: session.impersonatorId,
    activeOrganizationId: session.activeOrganizationId,
    // Only where there are teams.
    ...(ctx.project.policy.organizations.teams && { activeTeamId: session.activeTeamId }),
  };
}
