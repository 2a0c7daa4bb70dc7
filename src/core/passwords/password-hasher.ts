/** Slow hashing on a bounded pool. */
export interface PasswordHasher {
  /** PHC string. @throws Refusal `busy` with `retryAfterSeconds` when the queue is full */
  hash(password: string): Promise<string>;
  /** Can a password be checked against this hash, whoever made it? */
  understands(hash: string): boolean;
  /**
   * Also spends the time of one hash when there is no hash to compare with, so that an unknown person and a wrong
   * password take alike (rule 17). `rehash`: right, but made by another algorithm or with other costs.
   */
  verify(password: string, hash: string | null): Promise<{ readonly right: boolean; readonly rehash: boolean }>;
}
