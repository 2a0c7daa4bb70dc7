import { Refusal } from '../../base/refusal.ts';
import { codePoints } from '../../base/text.ts';
import type { Context } from '../context.ts';

/** Bounds for setting a password here: the stricter of policy and surface (core map P1). Code points. */
export function passwordBounds(ctx: Pick<Context, 'project' | 'surface'>): { minLength: number; maxLength: number } {
  const { password } = ctx.project.policy;
  return {
    minLength: Math.max(password.minLength, ctx.surface.password.minLength),
    maxLength: password.dialectMaxima ? ctx.surface.password.maxLength : 256,
  };
}

/** @throws Refusal password_too_short, password_too_long */
export function checkNewPassword(ctx: Pick<Context, 'project' | 'surface'>, password: string): void {
  const { minLength, maxLength } = passwordBounds(ctx);
  const length = codePoints(password);
  if (length < minLength) throw new Refusal('password_too_short', { minLength });
  if (length > maxLength) throw new Refusal('password_too_long', { maxLength });
}
