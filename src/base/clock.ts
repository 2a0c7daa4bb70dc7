/** Milliseconds since 1970-01-01 UTC. Durations in seconds are named ...Seconds, in milliseconds ...Ms. */
export type Instant = number & { readonly unit: 'ms' };

export interface Clock {
  now(): Instant;
}

export const systemClock = (): Clock => ({ now: () => Date.now() as Instant });

export const seconds = (n: number): number => n * 1000;
export const minutes = (n: number): number => n * 60_000;
export const hours = (n: number): number => n * 3_600_000;
export const days = (n: number): number => n * 86_400_000;
export const inSeconds = (ms: number): number => ms / 1000;

/** Whole milliseconds, whatever fraction somebody asked for: databases keep no others. */
export const later = (from: Instant, ms: number): Instant => Math.round(from + ms) as Instant;
export const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);

/** ISO 8601 UTC with milliseconds, as every JSON wire of ours shows time. */
export const isoTime = (at: Instant): string => new Date(at).toISOString();
