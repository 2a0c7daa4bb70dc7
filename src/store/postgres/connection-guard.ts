import type { DatabaseConnection } from 'kysely';
import { Conflict } from '../../core/store.ts';

/**
 * Gives unique violations their core name, and makes a failed statement fail its COMMIT too: PostgreSQL would answer
 * such a COMMIT with a silent ROLLBACK, and the caller would believe in writes that are gone.
 */
export function guardConnection(connection: DatabaseConnection): void {
  const execute = connection.executeQuery.bind(connection);
  let failure: unknown = null;
  connection.executeQuery = async (query) => {
    if (query.sql === 'begin') failure = null;
    else if (query.sql === 'commit' && failure !== null) throw failure;
    try {
      return await execute(query);
    } catch (fault) {
      const known = asConflict(fault);
      failure ??= known;
      throw known;
    }
  };
}

const uniqueViolation = '23505';

function asConflict(fault: unknown): unknown {
  const { code, constraint } = fault as { code?: string; constraint?: string };
  return code === uniqueViolation && constraint ? new Conflict(constraint) : fault;
}
