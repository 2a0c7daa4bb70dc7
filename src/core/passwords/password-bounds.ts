import { Refusal } from '../../base/refusal.ts';
import { codePoints } from '../../base/text.ts';
import type { Context } from '../context.ts';
import { defaultPolicy } from '../policy.ts';

/** Bounds for setting a password here: the stricter of policy and surface (core map P1). Code points. */
export function passwordBounds(ctx: Pick<Context, 'project' | 'surface'>): { minLength: number; maxLength: number } {
  const { password } = ctx.project.policy;
  return {
    minLength: Math.max(password.minLength, ctx.surface.password.minLength),
    maxLength: password.dialectMaxima ? ctx.surface.password.maxLength : 256,
  };
}

/** @throws Refusal password_too_short, password_too_long */
export const checkNewPassword = (ctx: Pick<Context, 'project' | 'surface'>, password: string): void =>
  check(password, passwordBounds(ctx));

/**
 * A project's server brings people with the passwords that they have: short ones too, unless the policy asks for more than
 * it does by itself.
 * @throws Refusal password_too_short, password_too_long
 */
export function checkServersPassword(ctx: Pick<Context, 'project' | 'surface'>, password: string): void {
  const { minLength } = ctx.project.policy.password;
  const { maxLength } = passwordBounds(ctx);
  check(password, { minLength: minLength > defaultPolicy.password.minLength ? minLength : 1, maxLength });
}

function check(password: string, { minLength, maxLength }: ReturnType<typeof passwordBounds>): void {
  const length = codePoints(password);
  if (length < minLength) throw new Refusal('password_too_short', { minLength });
  if (length > maxLength) throw new Refusal('password_too_long', { maxLength });
}
