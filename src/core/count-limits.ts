import { type Refusal, refuse } from '../base/refusal.ts';

/**
 * How many of something one owner may have, where no policy says so. Far beyond what people need: each row costs memory
 * and time wherever its owner is listed. Sessions and trusted devices are not refused; the one that was used longest ago
 * ends (`session.maxPerUser`, `mostDevices`).
 */
export const mostOf = {
  /** Of a person. */
  emails: 20,
  passkeys: 50,
  identities: 50,
  /** Of a person or an organization. */
  apiKeys: 1_000,
  /** Of an organization. */
  teams: 1_000,
  projects: 500,
  /** Sets of a project that have not ended. */
  projectKeys: 500,
} as const;

export type Counted = keyof typeof mostOf;

/** Browsers of a person that are not asked for the second factor. */
export const mostDevices = 50;

/** @param count how many there are before one more comes. @returns limit_reached */
export const refuseBeyond = (what: Counted, count: number): Refusal | null =>
  count < mostOf[what] ? null : refuse('limit_reached', { field: what, maxLength: mostOf[what] });
