import { concealCredentials } from '../../base/conceal-credentials.ts';

/** One line of the doctor's report. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail';
  readonly what: string;
  /** What to do about it. */
  readonly mend?: string;
}

export const ok = (what: string): Finding => ({ level: 'ok', what });
export const warn = (what: string, mend: string): Finding => ({ level: 'warn', what, mend });
export const fail = (what: string, mend: string): Finding => ({ level: 'fail', what, mend });

/** The first line of a fault: stacks are for logs. */
export const reason = (fault: unknown): string => {
  const { message, code } = fault as Error & { readonly code?: string };
  return concealCredentials((message || code || String(fault)).split('\n', 1)[0]!);
};
