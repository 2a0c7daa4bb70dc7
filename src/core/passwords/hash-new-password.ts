import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../context.ts';

/**
 * The hash of a password that somebody is to have from now on. Everybody who sets one comes through here.
 * @throws Refusal password_breached, unavailable, busy
 */
export async function hashNewPassword(
  { breachedPasswords, passwords }: Pick<Context, 'breachedPasswords' | 'passwords'>,
  password: string,
): Promise<string> {
  if (await breachedPasswords?.has(password)) throw new Refusal('password_breached');
  return passwords.hash(password);
}
