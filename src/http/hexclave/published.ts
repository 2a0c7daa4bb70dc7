import { type TSchema, Type } from 'typebox';
import { Refusal, type RefusalDetail } from '../../base/refusal.ts';
import type { HexclaveEndpoint } from './endpoint.ts';

/** What the document says beside the endpoints. */
export const tags = {
  Root: 'Who is there?',
  Projects: 'The project of the caller.',
  Administration: 'Projects, their keys and their configuration, for administrators.',
  Password: 'Sign-up and sign-in by e-mail and password; changes and resets of it.',
  OTP: 'Sign-in by a mailed code or link.',
  'Multi-factor': 'The second step of a sign-in.',
  CLI: 'Sign-in of a command line by way of a browser.',
  Passkeys: 'Sign-in by WebAuthn.',
  Sessions: 'Sessions of a person, and fresh tokens for the current one.',
  Anonymous: 'People who did not say who they are.',
  Users: 'People of the project.',
  'Contact channels': 'E-mail addresses of a person.',
  'Notification preferences': 'Which mails a person wants.',
  Teams: 'Teams, memberships and the profiles of members.',
  'Team invitations': 'Invitations by e-mail.',
  Permissions: 'Who may do what, in the project and in teams.',
  'Permission definitions': 'What there is to be allowed.',
  'API keys': 'Keys that stand in for a person or a team.',
  OAuth: 'Sign-in by providers, and accounts connected to them.',
  Payments: 'Answered with "none": payments are not built.',
  Analytics: 'Taken and dropped.',
  Development: 'What the developer tools of the SDK ask.',
};

/** What is refused before the handler, in the order of asking. */
export function turnsAway({ needs, onlyWith, path }: HexclaveEndpoint): Refusal[] {
  if (needs === 'nobody') return [];
  const key = { field: keyOf(needs) } as const;
  const asked: [Refusal['code'], RefusalDetail][] = [
    ['access_level_missing', { field: 'required' }],
    ['access_level_missing', { field: 'key_without_type' }],
    ['access_level_missing', { field: 'invalid_type' }],
    ['access_level_missing', { field: 'no_project' }],
    ['access_token_malformed', {}],
    ['access_token_expired', {}],
    ['access_token_wrong_project', {}],
    ['anonymous_not_accepted', {}],
    ['user_restricted', {}],
    ['project_not_found', {}],
    ['admin_token_rejected', { field: 'malformed' }],
    ['admin_token_rejected', { field: 'expired' }],
    ['admin_token_rejected', { field: 'not_admin' }],
    ['project_key_missing', key],
    ['project_key_rejected', key],
    ['branch_not_found', {}],
  ];
  if (needs === 'server' || needs === 'admin') asked.push(['access_level_insufficient', {}]);
  if (onlyWith) asked.push([path.includes('api-keys') ? 'api_keys_disabled' : 'internal_project_expected', {}]);
  if (needs === 'user' || needs === 'user_or_server') asked.push(['not_signed_in', {}]);
  return asked.map(([code, detail]) => new Refusal(code, detail));
}

const keyOf = (needs: HexclaveEndpoint['needs']): string =>
  needs === 'server' ? 'server' : needs === 'admin' ? 'admin' : 'publishable';

/** Members that only servers may send are published beside those of everybody, and say so. */
export const publishes = ({ body, query, serverBody, serverQuery, requiredHeaders = [] }: HexclaveEndpoint) => ({
  ...(serverBody && { body: merged(body, serverBody) }),
  ...(serverQuery && { query: merged(query, serverQuery) }),
  ...(requiredHeaders.length > 0 && {
    headers: Type.Object(Object.fromEntries(requiredHeaders.map((name) => [`x-hexclave-${name}`, Type.String()]))),
  }),
});

interface Members {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
}

function merged(everybodys: TSchema | undefined, servers: TSchema): TSchema {
  const own = (everybodys ?? {}) as Members;
  const more = servers as Members;
  const added = Object.entries(more.properties ?? {}).filter(([name]) => !(name in (own.properties ?? {})));
  const required = (own.required ?? []).filter((name) => more.required?.includes(name));
  const properties = {
    ...own.properties,
    ...Object.fromEntries(added.map(([name, schema]) => [name, { description: 'With a server key', ...schema }])),
  };
  return { ...servers, properties, ...(required.length > 0 ? { required } : { required: undefined }) } as TSchema;
}
