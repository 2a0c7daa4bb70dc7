import { type Form, isPlainObject } from './forms.ts';

/**
 * Members of a user on the Better Auth wire, members of the bodies that set one, and registered claims of the tokens
 * that carry one. An additional field of such a name would let people write what only the server may set, or hide it.
 */
export const reservedUserFields: ReadonlySet<string> = new Set([
  ...['id', 'name', 'email', 'emailVerified', 'image', 'createdAt', 'updatedAt', 'username', 'displayUsername'],
  ...['twoFactorEnabled', 'role', 'banned', 'banReason', 'banExpires', 'isAnonymous'],
  ...['password', 'rememberMe', 'callbackURL', 'otp', 'data', 'token'],
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sid'],
]);

/** The same form, without names that mean something already. */
export const withoutReserved = <T>(inner: Form<T>, reserved: (name: string) => boolean, why: string): Form<T> => ({
  words: inner.words,
  read(given) {
    const taken = isPlainObject(given) ? Object.keys(given).filter(reserved) : [];
    return taken.length === 0 ? inner.read(given) : { problem: `uses ${taken.join(', ')}: ${why}` };
  },
});
