import { earlier, later } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { opaqueToken } from '../../base/random.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import { refuseSignIn } from '../audit/refuse-sign-in.ts';
import type { Context } from '../context.ts';
import type { WayIn } from '../credentials/way-in.ts';
import { endOldestSessions } from '../endings/end-oldest.ts';
import { type DeviceTrust, trustDevice, useTrust } from '../factors/trusted-device.ts';
import { noteNetworkOfSession } from '../networks/known-network.ts';
import type { AskedMethod } from '../policy.ts';
import type { TrustedUrl } from '../return-urls.ts';
import type { Tx } from '../store.ts';
import { leaveAnonymous } from '../users/upgrade-anonymous.ts';
import { hasSecondFactor, isBanned, type Person } from '../users/user.ts';
import { statusRefusal } from '../users/user-status.ts';
import type { LiveSession, PendingSignIn, SecondFactor, Session, SessionMethod } from './session.ts';

/** What convinced us who this is, and what the person asked for. */
export type Proof = Asked & (ByWayIn | ByOther);

/** A way in that may be too young to prove much. */
interface ByWayIn extends WayIn {
  readonly method: 'password' | 'passkey' | 'provider';
}

interface ByOther {
  readonly method: Exclude<SessionMethod, ByWayIn['method']>;
  readonly strongFrom?: null;
}

interface Asked {
  readonly secondFactor?: SecondFactor | null;
  readonly persistent: boolean;
  readonly isNewUser?: boolean;
  /** What the browser keeps from an earlier sign-in that asked not to be asked again. */
  readonly trustToken?: string | null;
  /** Believe this browser from now on. */
  readonly trustThisDevice?: boolean;
  /** An administrator who wants to see what the person sees. */
  readonly impersonator?: { readonly userId: Id; readonly sessionId: Id; readonly seconds: number };
  /** A life of its own instead of the surface's; policy still caps it. */
  readonly lifeSeconds?: number;
  /** Where a flow goes on after a second factor. Already checked. */
  readonly returnTo?: TrustedUrl | null;
}

export type Admission =
  | {
      readonly kind: 'session';
      readonly live: LiveSession;
      readonly token: string;
      /** New or renewed: the surface hands it to the browser. */
      readonly deviceTrust: DeviceTrust | null;
      /** The person was made on the way here, also when a second factor came between. */
      readonly isNewUser: boolean;
      /** Where the flow that was held for a second factor goes on. */
      readonly returnTo: TrustedUrl | null;
    }
  | {
      readonly kind: 'second_factor_required';
      readonly person: Person;
      readonly pending: PendingSignIn;
      readonly token: string;
    };

/** Which policy switch decides whether a method is followed by a second factor; the rest never are. */
const askedAs: Partial<Record<SessionMethod, AskedMethod>> = {
  password: 'password',
  provider: 'provider',
  mail_link: 'mail_link',
  recovery_link: 'mail_link',
  mail_code: 'mail_code',
  passkey: 'passkey',
};

/**
 * The one gate: every path that ends in a session goes through here, and nothing else inserts one (core map M2).
 * Order: banned (an expired ban is lifted) → deactivated → restricted or unverified → anonymous → second factor →
 * lifetimes → sessions beyond the bound end → event.
 * @returns user_banned, user_deactivated, user_restricted, email_not_verified, anonymous_not_accepted
 */
export async function admitUser(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  found: Person,
  proof: Proof,
): Promise<Admission | Refusal> {
  const now = ctx.clock.now();
  await tx.users.hold(found.id, found);
  const person = await liftExpiredBan(ctx, tx, actor, found);

  const refused = statusRefusal(ctx, person, now);
  if (refused) return refuseSignIn(ctx, tx, actor, refused, { person: person.id, method: proof.method });

  const asked = askedAs[proof.method];
  let { secondFactor = null } = proof;
  let deviceTrust: DeviceTrust | null = null;
  if (!secondFactor && asked && ctx.project.policy.mfa.askOn[asked] && hasSecondFactor(person.factors)) {
    deviceTrust = await useTrust(ctx, tx, person, proof.trustToken ?? null);
    if (!deviceTrust) return holdForSecondFactor(ctx, tx, actor, person, proof);
    secondFactor = 'trusted_device';
  } else if (secondFactor && proof.trustThisDevice) {
    deviceTrust = await trustDevice(ctx, tx, actor, person);
  }

  const { session, token } = newSession(ctx, actor, person, { ...proof, secondFactor });
  await leaveAnonymous(ctx, tx, actor, person);
  await tx.sessions.insert(session);
  await endOldestSessions(ctx, tx, actor, session);
  await noteNetworkOfSession(ctx, tx, session);
  await recordEvent(ctx, tx, actor, {
    type: proof.impersonator ? 'account.impersonated' : 'account.signed_in',
    subject: person.id,
    sessionId: session.id,
    data: { method: proof.method, second_factor: secondFactor },
  });
  return {
    kind: 'session',
    live: { session, user: person, notedAt: session.lastUsedAt, rendered: {} },
    token,
    deviceTrust,
    isNewUser: proof.isNewUser ?? false,
    returnTo: proof.returnTo ?? null,
  };
}

async function liftExpiredBan(ctx: Context, tx: Tx, actor: Actor, person: Person): Promise<Person> {
  if (person.bannedAt === null || isBanned(person, ctx.clock.now())) return person;
  const lifted = { bannedAt: null, banReason: null, banExpiresAt: null };
  await tx.users.update(person.id, lifted, ctx.clock.now());
  await recordEvent(ctx, tx, actor, { type: 'account.unbanned', subject: person.id, data: { reason: 'expired' } });
  return { ...person, ...lifted };
}

async function holdForSecondFactor(
  ctx: Context,
  tx: Tx,
  actor: Actor,
  person: Person,
  proof: Proof,
): Promise<Admission> {
  const token = opaqueToken(ctx.random);
  const now = ctx.clock.now();
  const pending: PendingSignIn = {
    id: ctx.ids.next(),
    userId: person.id,
    tokenHash: ctx.vault.digest(token),
    madeBy: ctx.surface.name,
    firstMethod: proof.method,
    persistent: proof.persistent,
    isNewUser: proof.isNewUser ?? false,
    ip: actor.from.ip,
    userAgent: actor.from.userAgent,
    returnTo: proof.returnTo ?? null,
    mailCodeMac: null,
    mailCodeExpiresAt: null,
    mailCodeAttempts: 0,
    attempts: 0,
    maxAttempts: ctx.surface.pendingSignIn.maxAttempts,
    expiresAt: later(now, ctx.surface.pendingSignIn.lifeSeconds * 1000),
    completedAt: null,
    voidedAt: null,
    createdAt: now,
  };
  await tx.pendingSignIns.insert(pending);
  return { kind: 'second_factor_required', person, pending, token };
}

function newSession(ctx: Context, actor: Actor, person: Person, proof: Proof): { session: Session; token: string } {
  const now = ctx.clock.now();
  const token = opaqueToken(ctx.random);
  const { impersonator } = proof;
  const life = sessionLife(ctx, proof, impersonator?.seconds);
  const endsAt = later(now, life.absoluteMs);
  const session: Session = {
    id: ctx.ids.next(),
    userId: person.id,
    tokenHash: ctx.vault.digest(token),
    madeBy: ctx.surface.name,
    method: proof.method,
    secondFactor: proof.secondFactor ?? null,
    secondFactorAt: proof.secondFactor ? now : null,
    authenticatedAt: now,
    strongFrom: proof.strongFrom ?? null,
    persistent: proof.persistent,
    portable: ctx.surface.session.portable,
    idleMs: life.idleMs,
    extendAfterMs: life.extendAfterMs,
    expiresAt: life.idleMs === null ? endsAt : earlier(later(now, life.idleMs), endsAt),
    endsAt,
    lastUsedAt: now,
    ip: actor.from.ip,
    userAgent: actor.from.userAgent,
    deviceId: null,
    activeOrganizationId: person.selectedOrganizationId,
    activeTeamId: null,
    impersonatorId: impersonator?.userId ?? null,
    impersonatorSessionId: impersonator?.sessionId ?? null,
    createdAt: now,
    updatedAt: now,
  };
  return { session, token };
}

interface SessionLife {
  readonly idleMs: number | null;
  readonly extendAfterMs: number | null;
  readonly absoluteMs: number;
}

/** The surface's numbers under the policy's caps (core map T1). */
function sessionLife(ctx: Context, { persistent, lifeSeconds }: Proof, atMostSeconds = Infinity): SessionLife {
  const { session: policy } = ctx.project.policy;
  const profile = ctx.surface.session;
  if (!persistent && profile.shortSeconds !== null) {
    const longest = Math.min(policy.maxAbsoluteSeconds, policy.maxIdleSeconds ?? Infinity);
    const fixed = Math.min(profile.shortSeconds, longest, atMostSeconds);
    return { idleMs: null, extendAfterMs: null, absoluteMs: fixed * 1000 };
  }
  const absoluteSeconds = Math.min(lifeSeconds ?? profile.absoluteSeconds, policy.maxAbsoluteSeconds, atMostSeconds);
  const idleSeconds =
    profile.idleSeconds === null && policy.maxIdleSeconds === null
      ? null
      : Math.min(profile.idleSeconds ?? Infinity, policy.maxIdleSeconds ?? Infinity);
  return {
    idleMs: idleSeconds === null ? null : idleSeconds * 1000,
    extendAfterMs: idleSeconds === null ? null : Math.min(profile.extendAfterSeconds ?? 0, idleSeconds) * 1000,
    absoluteMs: absoluteSeconds * 1000,
  };
}
