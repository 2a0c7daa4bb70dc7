import { isInheritedName } from './text.ts';

/** How the Better Auth wire lists a password among somebody's accounts. */
const reserved = new Set(['credential']);

/** Does the key of a provider mean something else already, wherever accounts are listed by it? */
export const isReservedProvider = (key: string): boolean => reserved.has(key) || isInheritedName(key);
