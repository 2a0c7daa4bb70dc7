import { Refusal, type RefusalCode } from '../base/refusal.ts';
import { explainFault } from '../explain-fault.ts';

export const exitCodes = { done: 0, failed: 1, usage: 2 } as const;

/** What an operator can mend: what went wrong, why, and what to do. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}

/** Refusals that commands meet. Those of endpoints only are shown by their code. */
const words: { readonly [code in RefusalCode]?: (detail: Refusal['detail']) => string } = {
  email_invalid: () => 'This is not an e-mail address. Write it as name@example.com.',
  email_taken: () => 'Somebody has this address already. Look with `latchkey user list --search <address>`.',
  username_invalid: () => 'This username has characters that are not allowed (policy username.pattern).',
  username_too_short: ({ minLength }) => `A username has at least ${minLength} characters.`,
  username_too_long: ({ maxLength }) => `A username has at most ${maxLength} characters.`,
  username_taken: () => 'This username is taken, reserved or still held. Choose another one.',
  display_name_invalid: () => 'This name is too long or has characters that are not allowed.',
  password_too_short: ({ minLength }) =>
    `The password needs at least ${minLength} characters (policy password.minLength).`,
  password_too_long: ({ maxLength }) => `The password may have at most ${maxLength} characters.`,
  password_breached: () => 'This password is in the list of breached passwords (BREACHED_PASSWORDS).',
  role_not_found: ({ field }) => `There is no role "${field}" in this project. Every project has admin and user.`,
  user_not_found: () => 'There is no such person in this project. Look with `latchkey user list`.',
  project_key_not_found: () => 'There are no such keys in this project. Look with `latchkey project keys list`.',
  method_disabled: () => 'Passwords are off in this project (policy methods.password).',
};

/** What to print, and what to exit with. */
export function explain(fault: unknown): { readonly message: string; readonly exitCode: number } {
  if (fault instanceof CommandFailure) return fault;
  if (fault instanceof Refusal) {
    const said = words[fault.code]?.(fault.detail) ?? `Refused: ${fault.code}.`;
    return { message: said, exitCode: exitCodes.failed };
  }
  return { message: explainFault(fault), exitCode: exitCodes.failed };
}
