import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { Context } from '../context.ts';
import { hashNewPassword } from '../passwords/hash-new-password.ts';
import { checkNewPassword, checkServersPassword } from '../passwords/password-bounds.ts';

/** How a password is given by whoever manages people: as it is typed, or as another system kept it. */
export interface GivenPassword {
  /** Null: none from now on. */
  readonly password?: string | null;
  /** Modular crypt format: it is checked as it is, and hashed our way at the next sign-in. */
  readonly passwordHash?: string;
}

/**
 * The slow half, before the transaction.
 * @returns the hash to store; null: no password; undefined: nothing was said
 * @throws Refusal method_disabled with `field: password`, password_too_*, password_hash_unsupported, field_not_allowed
 */
export async function hashGiven(ctx: Context, actor: Actor, given: GivenPassword): Promise<string | null | undefined> {
  const { password, passwordHash } = given;
  if (passwordHash === undefined) {
    if (password === undefined || password === null) return password;
    checkPasswordsEnabled(ctx);
    if (actor.kind === 'server') checkServersPassword(ctx, password);
    else checkNewPassword(ctx, password);
    return hashNewPassword(ctx, password);
  }
  if (password !== undefined) throw new Refusal('field_not_allowed', { field: 'passwordHash' });
  checkPasswordsEnabled(ctx);
  if (!passwordHash.startsWith('$') || !ctx.passwords.understands(passwordHash)) {
    throw new Refusal('password_hash_unsupported');
  }
  return passwordHash;
}

function checkPasswordsEnabled(ctx: Context): void {
  if (!ctx.project.policy.methods.password) throw new Refusal('method_disabled', { field: 'password' });
}

/** Mailed codes can be switched on for a person where the project has them. @throws Refusal method_disabled with `field: mailCode` */
export function checkMailCode(ctx: Context, enabled: boolean | undefined): void {
  if (enabled && !ctx.project.policy.methods.mailCode) throw new Refusal('method_disabled', { field: 'mailCode' });
}
