import { hours, seconds } from '../base/clock.ts';
import type { Random } from '../base/random.ts';

const first = seconds(5);
const longest = hours(1);

/**
 * How long a job waits after its `attempt`-th failure: 5 s, doubled each time, an hour at most. Chance takes up to
 * half of it away, so that what failed together does not come back together.
 */
export function backoffMs(attempt: number, random: Random): number {
  const full = Math.min(longest, first * 2 ** (attempt - 1));
  const [high = 0, low = 0] = random.bytes(2);
  const chance = (high * 256 + low) / 65_536;
  return Math.round(full * (1 - chance / 2));
}
