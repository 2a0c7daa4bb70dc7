import type { Store } from './store.ts';

/**
 * Key of a context's raw transaction. A use case reaches it through a door of `acting.ts`, which reads again who asks;
 * `test/architecture.test.ts` lists the files that may import this key.
 */
export const rawTransaction: unique symbol = Symbol('raw transaction');

/** What a context carries for the doors. */
export interface HasTransactions {
  readonly [rawTransaction]: Store['transaction'];
}
