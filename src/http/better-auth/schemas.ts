import { Type } from 'typebox';
import type { TrustedUrl } from '../../core/return-urls.ts';

/** Shapes that several operations share (spec §1.5). */
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const time = Type.String({ description: 'ISO 8601 UTC with milliseconds' });

export const userSchema = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    email: Type.String(),
    emailVerified: Type.Boolean(),
    image: nullable(Type.String()),
    createdAt: time,
    updatedAt: time,
    username: nullable(Type.String()),
    displayUsername: nullable(Type.String()),
    twoFactorEnabled: Type.Boolean(),
    role: Type.String(),
    banned: Type.Boolean(),
    banReason: nullable(Type.String()),
    banExpires: nullable(time),
    isAnonymous: Type.Optional(Type.Boolean()),
  },
  { title: 'User', description: 'Further members are the configured additional fields.' },
);

export const sessionSchema = Type.Object(
  {
    id: Type.String(),
    token: Type.String(),
    userId: Type.String(),
    expiresAt: time,
    createdAt: time,
    updatedAt: time,
    ipAddress: Type.String(),
    userAgent: Type.String(),
    impersonatedBy: nullable(Type.String()),
    activeOrganizationId: nullable(Type.String()),
    activeTeamId: Type.Optional(nullable(Type.String())),
  },
  { title: 'Session' },
);

export const statusSchema = Type.Object({ status: Type.Boolean() });
export const successSchema = Type.Object({ success: Type.Boolean() });
export const errorSchema = Type.Object({ message: Type.String(), code: Type.String() }, { title: 'Error' });

export const tokenAndUserSchema = Type.Object({ token: nullable(Type.String()), user: userSchema });

export const accountSchema = Type.Object(
  {
    id: Type.String(),
    providerId: Type.String(),
    provider: Type.String(),
    accountId: Type.String(),
    userId: Type.String(),
    createdAt: time,
    updatedAt: time,
    scopes: Type.Array(Type.String()),
  },
  { title: 'Account' },
);

export const apiKeySchema = Type.Object(
  {
    id: Type.String(),
    name: nullable(Type.String()),
    start: nullable(Type.String()),
    prefix: nullable(Type.String()),
    userId: nullable(Type.String()),
    referenceId: nullable(Type.String()),
    configId: Type.String(),
    refillInterval: nullable(Type.Number()),
    refillAmount: nullable(Type.Number()),
    lastRefillAt: nullable(time),
    enabled: Type.Boolean(),
    rateLimitEnabled: Type.Boolean(),
    rateLimitTimeWindow: nullable(Type.Number()),
    rateLimitMax: nullable(Type.Number()),
    requestCount: Type.Number(),
    remaining: nullable(Type.Number()),
    lastRequest: nullable(time),
    expiresAt: nullable(time),
    createdAt: time,
    updatedAt: time,
    permissions: nullable(Type.Record(Type.String(), Type.Array(Type.String()))),
    metadata: nullable(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Array(Type.Unknown())])),
  },
  { title: 'ApiKey' },
);

/** By then the guard has put the checked address there, or the text is empty. */
export const returnUrl = (description: string) => Type.Optional(Type.Unsafe<TrustedUrl>(Type.String({ description })));
/** The same where null stands for none. */
export const returnUrlOrNull = (description: string) =>
  Type.Optional(Type.Union([Type.Unsafe<TrustedUrl>(Type.String({ description })), Type.Null()]));
export { nullable };
