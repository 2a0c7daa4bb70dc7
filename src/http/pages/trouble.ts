import { Refusal, type RefusalCode } from '../../base/refusal.ts';

/** Refusals that a person can mend in the form they just sent. */
const words: { readonly [code in RefusalCode]?: (refusal: Refusal) => string } = {
  password_too_short: ({ detail }) => `The password needs at least ${detail.minLength} characters.`,
  password_too_long: ({ detail }) => `The password may have at most ${detail.maxLength} characters.`,
  password_breached: () => 'This password is known from a data breach. Please choose another one.',
  email_invalid: () => 'This is not an e-mail address.',
  email_taken: () =>
    'There is an account with this address already. Whoever runs the server makes it an administrator: latchkey user set-role <address> admin.',
  display_name_invalid: () => 'This name cannot be used.',
  too_many_requests: ({ detail }) => `Too many tries. Please wait ${detail.retryAfterSeconds ?? 60} seconds.`,
  busy: () => 'The server is busy. Please try again in a moment.',
  unavailable: () => 'The server cannot answer at the moment. Please try again in a minute.',
};

/** Null when it is nothing the form can show; faults pass through. */
export function formTrouble(error: unknown): string | null {
  if (!(error instanceof Refusal)) throw error;
  return words[error.code]?.(error) ?? null;
}
