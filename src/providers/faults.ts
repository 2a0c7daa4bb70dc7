import { ResponseBodyError } from 'oauth4webapi';
import { Refusal, type RefusalCode } from '../base/refusal.ts';

/** The provider could not be asked, or answered with a fault of its own. */
export const unavailable = (why: string): Refusal => new Refusal('provider_unavailable', { why });

/**
 * What became of a request to a provider, as one refusal: `otherwise` when it understood and said no or answered
 * nonsense, `provider_unavailable` when it could not be asked. Answers themselves stay out of `why`: they hold tokens.
 */
export async function asRefusal<T>(otherwise: RefusalCode, step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof Refusal) throw fault;
    if (fault instanceof ResponseBodyError) {
      if (fault.status >= 500) throw unavailable(`${step}: status ${fault.status}`);
      throw new Refusal(otherwise, { providerError: fault.error, why: `${step}: status ${fault.status}` });
    }
    // Errors of the protocol library and of jose carry a code of their own; sockets, names and the guard do not speak OAuth.
    const code = fault instanceof Error && 'code' in fault ? String(fault.code) : '';
    if (code.startsWith('OAUTH_') || code.startsWith('ERR_J') || code.startsWith('ERR_INVALID_ARG')) {
      throw new Refusal(otherwise, { why: `${step}: ${code}` });
    }
    throw unavailable(
      `${step}: ${fault instanceof Error ? `${fault.name} ${code || fault.message}` : 'unknown fault'}`,
    );
  }
}
