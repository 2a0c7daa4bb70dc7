/** Passwords that are known from breaches, as far as the operator has a list of them. */
export interface BreachedPasswords {
  /** @throws Refusal unavailable: the list cannot be read now */
  has(password: string): Promise<boolean>;
}
