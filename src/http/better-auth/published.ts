import { Refusal } from '../../base/refusal.ts';
import type { BetterAuthEndpoint } from './endpoint.ts';
import { byField, spellCode, wireErrors } from './errors.ts';
import { returnFields } from './guard.ts';
import type { BetterAuthSettings } from './settings.ts';

/** What the document says beside the endpoints. */
export const tags = {
  Default: 'Sign-up, sign-in and sign-out, the own account, its sessions and its accounts at providers.',
  Username: 'Sign-in by username instead of e-mail.',
  'Two-factor': 'Authenticator apps, mailed codes and backup codes as the second step of a sign-in.',
  Passkey: 'Sign-in and second factor by WebAuthn.',
  Admin: 'People and their sessions, for whoever may administer them.',
  'API key': 'Keys that stand in for a person or an organization.',
  Organization: 'Organizations, their members and invitations.',
  'Organization teams': 'Teams within an organization, where the project has them.',
  'Organization roles': 'Roles that an organization makes for itself, where the project has them.',
  'Magic-link': 'Sign-in by a mailed link.',
  'Email-otp': 'Mailed codes: sign-in, verification of an address and a new password.',
  Anonymous: 'Sign-in without saying who.',
  'Multi-session': 'Several people signed in in one browser.',
  'One-time-token': 'Hands a session to another domain.',
  Jwt: 'The session as a token that services verify by themselves.',
};

/** The table's words; what single endpoints say besides comes from them. */
export const errorWords = ({ errorCodes }: BetterAuthSettings): string[] =>
  [
    ...[...Object.values(wireErrors), ...Object.values(byField).flatMap(Object.values)].map(({ code }) => code),
    ...['INVALID_OTP_TYPE', 'EMAIL_CAN_NOT_BE_UPDATED', 'TOKEN_EXPIRED', 'METHOD_NOT_ALLOWED_DEFER_SESSION_REQUIRED'],
  ].map((code) => spellCode(code, errorCodes));

/** What is refused before the handler, in the order of asking. */
export function turnsAway(endpoint: BetterAuthEndpoint, { apiKeysActAsOwner }: BetterAuthSettings): Refusal[] {
  const { method, needs, fresh, onlyWith } = endpoint;
  const refused: Refusal[] = [];
  if (method !== 'GET') {
    refused.push(...['missing', 'origin', 'cross_site'].map((field) => new Refusal('csrf_failed', { field })));
  }
  for (const field of returnFieldsOf(endpoint)) refused.push(new Refusal('return_url_untrusted', { field }));
  if (onlyWith) refused.push(new Refusal('teams_disabled'));
  if (needs === 'server') refused.push(new Refusal('access_level_insufficient'));
  if (needs !== 'nobody' && needs !== 'server') {
    refused.push(new Refusal('not_signed_in'));
    if (fresh) refused.push(new Refusal('session_not_fresh'));
  }
  if (apiKeysActAsOwner && needs === 'user') refused.push(new Refusal('api_key_cannot_act'));
  return refused;
}

function returnFieldsOf({ body, query }: BetterAuthEndpoint): string[] {
  const members = [body, query].flatMap((schema) =>
    Object.keys((schema as { readonly properties?: object } | undefined)?.properties ?? {}),
  );
  return returnFields.filter((field) => members.includes(field));
}
