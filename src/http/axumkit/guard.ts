import { Refusal } from '../../base/refusal.ts';
import { isTrustedOrigin } from '../../core/return-urls.ts';
import type { AxumKitCall } from './call.ts';

/**
 * Writes that a browser's cookies vouch for must come from a trusted origin (rule 23, core map W6). Upstream has no such
 * check; programs that send no `Origin` are let pass, as there.
 * @throws Refusal csrf_failed
 */
export function guard(call: AxumKitCall): void {
  const { method } = call.request;
  if (method === 'GET' || method === 'HEAD' || !call.settings.originCheck) return;
  const origin = call.header('origin');
  if (origin === undefined || call.header('cookie') === undefined) return;
  if (!isTrustedOrigin(call.ctx, origin))
    throw new Refusal('csrf_failed', { field: 'origin', why: origin.slice(0, 200) });
}
