import { Refusal } from '../../base/refusal.ts';
import { codePoints } from '../../base/text.ts';
import { usernameNormal } from '../../base/username-form.ts';
import type { Context } from '../context.ts';
import { looksSynthetic } from './synthetic-username.ts';

interface Bounds {
  readonly minLength: number;
  readonly maxLength: number;
}

/** Reading and signing in obey core only; setting also obeys the surface that sets (core map U1). */
function bounds(ctx: Pick<Context, 'project' | 'surface'>, setting: boolean): Bounds {
  const { username } = ctx.project.policy;
  if (!setting) return username;
  return {
    minLength: Math.max(username.minLength, ctx.surface.username.minLength),
    maxLength: Math.min(username.maxLength, ctx.surface.username.maxLength),
  };
}

/**
 * The form a username is compared by, once it is known to be one.
 * @throws Refusal username_too_short, username_too_long, username_invalid
 */
export function readUsername(ctx: Pick<Context, 'project' | 'surface'>, text: string, setting = false): string {
  const { minLength, maxLength } = bounds(ctx, setting);
  const length = codePoints(text);
  if (length < minLength) throw new Refusal('username_too_short', { minLength });
  if (length > maxLength) throw new Refusal('username_too_long', { maxLength });
  if (!ctx.project.policy.username.pattern.test(text)) throw new Refusal('username_invalid');
  return usernameNormal(text);
}

/** Names that nobody can have. */
export const isReservedUsername = (ctx: Pick<Context, 'project'>, normal: string): boolean =>
  ctx.project.policy.username.reserved.includes(normal) || looksSynthetic(normal);

/** As `readUsername`, for somebody who wants to have it. Reserved names are taken. */
export function readNewUsername(ctx: Pick<Context, 'project' | 'surface'>, text: string): string {
  const normal = readUsername(ctx, text, true);
  if (isReservedUsername(ctx, normal)) throw new Refusal('username_taken', { why: 'reserved' });
  return normal;
}

/** Whether a text would do as a username, reserved or not: for surfaces that take one from a display name. */
export function couldBeUsername(ctx: Pick<Context, 'project' | 'surface'>, text: string): boolean {
  try {
    readUsername(ctx, text, true);
    return true;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return false;
  }
}
