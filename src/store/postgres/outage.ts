import { StoreUnavailable } from '../../core/store.ts';

/**
 * Classes and codes of SQLSTATE that speak of the server, not of the statement (PostgreSQL manual, appendix A): the
 * connection (08), who may log in (28, 3D000), a session that only reads, as after a failover (25006), a transaction
 * that waited too long (25P03, 25P04, 55P03), room and memory (53), an operator who intervenes (57), the system (58).
 */
const outages = /^(?:08...|28...|3D000|25006|25P0[34]|55P03|53...|57...|58...)$/;
const networkFaults: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
]);
/** The client names neither by a code. */
const clientWords = /^Connection terminated|^Query read timeout|^timeout exceeded when trying to connect|not queryable/;

/** A fault of the line or the server under its core name; any other as it is. */
export function asOutage(fault: unknown): unknown {
  if (!(fault instanceof Error)) return fault;
  const { code = '' } = fault as { code?: string };
  const isOutage = outages.test(code) || networkFaults.has(code) || clientWords.test(fault.message);
  return isOutage ? new StoreUnavailable(fault) : fault;
}

/** The statement was not answered in time: the connection is of no use to the next one either. */
export const isStuck = (fault: unknown): boolean => fault instanceof Error && /^Query read timeout/.test(fault.message);
