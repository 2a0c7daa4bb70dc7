import type { HexclaveCall } from './call.ts';

const lifeSeconds = 600;

/** Both names are read; the newer one is not written where clients compare every header. */
const namesOf = (state: string): readonly string[] => [`stack-oauth-inner-${state}`, `hexclave-oauth-inner-${state}`];

const writtenNames = (call: HexclaveCall, state: string): readonly string[] =>
  namesOf(state).slice(0, call.settings.generation === 'legacy' ? 1 : 2);

/** Attributes in this order and no others: clients of the original compare the line (spec §2.7). */
function line(call: HexclaveCall, name: string, value: string, seconds: number): string {
  const expires = new Date(seconds === 0 ? 0 : call.ctx.clock.now() + seconds * 1000).toUTCString();
  const secure = call.settings.baseUrl.startsWith('https:') ? ' Secure;' : '';
  return `${name}=${value}; Path=/; Expires=${expires}; Max-Age=${seconds};${secure} HttpOnly`;
}

/** This browser is on its way to the provider. */
export function rememberFlow(call: HexclaveCall, state: string): void {
  for (const name of writtenNames(call, state)) call.addCookie(line(call, name, 'true', lifeSeconds));
}

export function forgetFlow(call: HexclaveCall, state: string): void {
  for (const name of writtenNames(call, state)) call.addCookie(line(call, name, '', 0));
}

/** Did this browser begin the flow of this state? */
export const remembersFlow = (call: HexclaveCall, state: string): boolean =>
  namesOf(state).some((name) => call.cookies[name] === 'true');
