import type { Clock, Instant } from '../../src/base/clock.ts';

export interface TestClock extends Clock {
  advance(ms: number): void;
  set(iso: string): void;
}

/** A clock that stands still until it is moved. */
export function testClock(startIso = '2026-08-01T12:00:00.000Z'): TestClock {
  let now = Date.parse(startIso);
  return {
    now: () => now as Instant,
    advance(ms) {
      now += ms;
    },
    set(iso) {
      now = Date.parse(iso);
    },
  };
}
