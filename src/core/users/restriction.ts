import type { Instant } from '../../base/clock.ts';
import { type Refusal, refuse } from '../../base/refusal.ts';
import type { User, UserChange } from './user.ts';

/** Absent: unchanged. */
export interface RestrictionEdit {
  readonly restricted?: boolean;
  /** Told to the person. */
  readonly reason?: string | null;
  /** For administrators' eyes. */
  readonly privateDetails?: string | null;
}

/**
 * What the project's server says of somebody it does not trust fully. Lifting the restriction forgets why it was there.
 * @returns restriction_required, with the part that has nothing to explain as `field`
 */
export function readRestriction(
  user: Pick<User, 'restrictedAt'>,
  { restricted, reason, privateDetails }: RestrictionEdit,
  now: Instant,
): UserChange | Refusal {
  if (!(restricted ?? user.restrictedAt !== null)) {
    if (reason) return refuse('restriction_required', { field: 'reason' });
    if (privateDetails) return refuse('restriction_required', { field: 'privateDetails' });
    return restricted === undefined ? {} : { restrictedAt: null, restrictedReason: null, restrictedPrivate: null };
  }
  return {
    ...(restricted && { restrictedAt: user.restrictedAt ?? now }),
    ...(reason !== undefined && { restrictedReason: reason }),
    ...(privateDetails !== undefined && { restrictedPrivate: privateDetails }),
  };
}
