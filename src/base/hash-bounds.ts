/**
 * The dearest argon2 that is computed here, whoever made the hash: configuration stays below it, so that this server
 * can always read what it wrote.
 */
export const hashBounds = {
  memoryKib: 262_144,
  parallelism: 8,
  /** Memory in KiB times passes. */
  work: 1_048_576,
} as const;
