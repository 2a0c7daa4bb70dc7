import { Refusal } from '../../base/refusal.ts';
import type { AxumKitEndpoint } from './endpoint.ts';
import { byField, internalError, wireErrors } from './errors.ts';
import type { AxumKitSettings } from './settings.ts';

/** What the document says beside the endpoints. */
export const tags = {
  Health: 'Is the server there?',
  Auth: 'Sign-in by password or provider, mailed tokens, the own sessions and linked accounts.',
  'Auth - TOTP': 'An authenticator app as the second step of a sign-in.',
  User: 'Registration, and profiles with their pictures.',
  Search: 'People with a public profile.',
  'Action Logs': 'What people with a public profile did.',
  EventStream: 'The same as it happens, as server-sent events.',
};

export const errorWords: readonly string[] = [
  ...[internalError, ...Object.values(wireErrors), ...Object.values(byField).flatMap(Object.values)],
].map(({ code }) => code);

/** What is refused before the handler. */
export function turnsAway({ method, needs }: AxumKitEndpoint, { originCheck }: AxumKitSettings): Refusal[] {
  return [
    ...(method !== 'GET' && originCheck ? [new Refusal('csrf_failed')] : []),
    ...(needs === 'user' ? [new Refusal('not_signed_in'), new Refusal('session_expired')] : []),
  ];
}
