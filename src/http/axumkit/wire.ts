import { type Instant, isoTime } from '../../base/clock.ts';
import { placeholderDomain } from '../../base/email-form.ts';
import { bannerUrlOf, imageUrlOf } from '../../core/files/file-url.ts';
import { syntheticUsername } from '../../core/users/synthetic-username.ts';
import type { Person } from '../../core/users/user.ts';
import type { AxumKitCall } from './call.ts';

/** RFC 3339; a fraction of zero is left out (spec §1.1). */
export const timeWire = (at: Instant): string => isoTime(at).replace('.000Z', 'Z');

/** The address shown: people without one get a place-holder that is never mailed (core map E3). */
export const shownEmail = (person: Person): string => person.email?.value ?? `${person.id}@${placeholderDomain}`;

/**
 * People without a username have a handle made of their id (core map U2). The display form is shown while it is the
 * username in other letters.
 */
export function handleOf({ id, usernameNormal, usernameDisplay }: Person): string {
  if (usernameNormal === null) return syntheticUsername(id);
  return usernameDisplay?.toLowerCase() === usernameNormal ? usernameDisplay : usernameNormal;
}

/** Keys that are null are left out (spec §1.1). */
function withoutNull<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) as Partial<T>;
}

/** What every answer about a person says, in upstream's order. Images are full addresses (core map U6). */
export const profileWire = ({ ctx }: Pick<AxumKitCall, 'ctx'>, person: Person) => ({
  ...shown(ctx, person),
  is_verified: person.email?.verifiedAt != null,
  created_at: timeWire(person.createdAt),
});

const shown = (ctx: AxumKitCall['ctx'], person: Person) => ({
  id: person.id,
  handle: handleOf(person),
  display_name: person.displayName ?? handleOf(person),
  ...withoutNull({ bio: person.bio, profile_image: imageUrlOf(ctx, person), banner_image: bannerUrlOf(ctx, person) }),
});

/** What a search shows of a person (spec §2.6). */
export function hitWire({ ctx }: Pick<AxumKitCall, 'ctx'>, person: Person) {
  const { banner_image: _banner, ...hit } = shown(ctx, person);
  return hit;
}

/** The same for the person themselves (spec §2.5). */
export function meWire(call: Pick<AxumKitCall, 'ctx'>, person: Person) {
  const { id, ...rest } = profileWire(call, person);
  return { id, email: shownEmail(person), ...rest };
}
