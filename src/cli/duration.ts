import { CommandFailure, exitCodes } from './failure.ts';

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const longestSeconds = 100 * 366 * 86_400;

/** `30m`, `12h`, `7d`, `2w` to seconds. */
export function seconds(given: string): number {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(given) ?? [];
  const length = Number(count) * (units[unit ?? ''] ?? Number.NaN);
  if (length > 0 && length <= longestSeconds) return length;
  throw new CommandFailure(`"${given}" is not a length of time. Write it as 30m, 12h, 7d or 2w.`, exitCodes.usage);
}
