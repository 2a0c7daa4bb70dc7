import { LostRace, StoreUnavailable } from '../../core/store.ts';

const attempts = 5;
/** serialization_failure, deadlock_detected: the server gave this transaction up so that another could go on. */
const lostRaces: ReadonlySet<unknown> = new Set(['40001', '40P01']);

/** Runs a whole transaction again when the server asks for it. At once: the rival has committed by then. */
export async function retried<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (fault) {
      const lost = fault instanceof LostRace || lostRaces.has((fault as { code?: unknown }).code);
      if (!lost) throw fault;
      if (attempt === attempts) throw new StoreUnavailable(fault, 'others changed the same rows each time');
    }
  }
}
