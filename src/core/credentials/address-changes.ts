import type { Person } from '../users/user.ts';
import type { CredentialChange } from './changes.ts';

/** A mailbox that signs in also resets the password: one more is as much as another one. */
export const changeByAdding = (usedForAuth: boolean): CredentialChange =>
  usedForAuth ? 'sign_in_address_added' : 'address_added';

/**
 * Another primary address. The one before may stay as a secondary one, but its person is reached elsewhere from then on.
 */
export const changeOfPrimary = (person: Pick<Person, 'email'>): CredentialChange =>
  person.email?.usedForAuth ? 'sign_in_address_replaced' : 'address_added';

/** Another value, or an end to its use. */
export const changeOfAddress = (usedForAuth: boolean, what: 'replaced' | 'removed'): CredentialChange =>
  usedForAuth ? `sign_in_address_${what}` : 'address_edited';
