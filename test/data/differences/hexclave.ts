import type { Expected } from '../../kit/operation-differences.ts';

const everybodys = 'Published for every caller at once: the original has a document of its own for servers';
const nullable = 'Null stands for nothing there too; its document does not say so';
const keyOwner = 'One shape for keys of people and of teams: the owner is in `user_id` or in `team_id`';
const omitted = 'The original answers it too; its document leaves it out';

/** What differs from the original's document of version 1, by operation. */
export const hexclaveDifferences: readonly Expected[] = [
  {
    operation: '* /payments/*',
    at: '',
    change: 'lacking',
    why: 'Payments are no part of identity; the routes answer 404',
  },
  { operation: 'GET *', at: '200.is_paginated', change: 'more', why: omitted },
  {
    operation: 'GET *',
    at: '200.pagination',
    change: 'lacking',
    why: 'Lists that are never cut have no cursor, there as here; only `/teams` and `/users` have one',
  },
  { operation: '*', at: '*', change: '{string → null|string,object → null|object}', why: nullable },
  {
    operation: '*',
    at: '*{client_metadata,client_read_only_metadata}',
    change: 'object → any',
    why: 'Metadata is any JSON, there as here',
  },
  {
    operation: '* {/teams*,/users/me}',
    at: '{200,201,body}*.{server_metadata,created_at_millis}',
    change: 'more',
    why: everybodys,
  },
  { operation: '* {/teams*,/users/me}', at: 'body.client_read_only_metadata', change: 'more', why: everybodys },
  {
    operation: 'PATCH /users/me',
    at: 'body.{country_code,is_anonymous,otp_auth_enabled,passkey_auth_enabled,password,password_hash,primary_email_auth_enabled,primary_email_verified,restricted_by_admin,restricted_by_admin_private_details,restricted_by_admin_reason,risk_scores}',
    change: 'more',
    why: everybodys,
  },
  {
    operation: '{GET,PATCH} /users/me',
    at: '200.{country_code,last_active_at_millis,primary_email_auth_enabled,restricted_by_admin_private_details,risk_scores}',
    change: 'more',
    why: everybodys,
  },
  {
    operation: '{GET,PATCH} /users/me',
    at: '200.{auth_with_email,has_password,oauth_providers,otp_auth_enabled,passkey_auth_enabled,requires_totp_mfa}',
    change: 'more',
    why: omitted,
  },
  { operation: 'GET /projects/current', at: '200.config', change: 'more', why: omitted },
  { operation: '{POST,PATCH} /contact-channels*', at: 'body.is_verified', change: 'more', why: everybodys },
  {
    operation: '{POST,GET,DELETE,PATCH} /contact-channels*',
    at: 'query.{user_id,contact_channel_id}',
    change: 'lacking',
    why: 'The path or the body names them; a query with other members than an operation reads is refused',
  },
  { operation: '* /oauth-providers*', at: '{200,body}*.account_id', change: 'more', why: everybodys },
  {
    operation: 'PATCH /oauth-providers/{user_id}/{provider_id}',
    at: 'body.{email,provider_config_id}',
    change: 'more',
    why: everybodys,
  },
  { operation: '* /team-api-keys*', at: '200*.user_id', change: 'more', why: keyOwner },
  { operation: '* /team-api-keys*', at: '200*.team_id', change: 'optional', why: keyOwner },
  { operation: '* /user-api-keys*', at: '200*.team_id', change: 'more', why: keyOwner },
  { operation: '* /user-api-keys*', at: '200*.user_id', change: 'optional', why: keyOwner },
  {
    operation: 'POST /{team,user}-api-keys',
    at: 'body.expires_at_millis',
    change: 'required',
    why: 'Asked for there as well: null says that a key does not expire',
  },
  {
    operation: '{GET,PATCH} /team-api-keys/{api_key_id}',
    at: 'query.team_id',
    change: 'required',
    why: 'Asked for there as well; the SDK sends it',
  },
  {
    operation: '{GET,PATCH} /user-api-keys/{api_key_id}',
    at: 'query.user_id',
    change: 'more',
    why: omitted,
  },
  {
    operation: 'GET /auth/sessions',
    at: '200.items[].last_used_at_end_user_ip_info.*',
    change: 'lacking',
    why: 'Addresses are not looked up in a register of places',
  },
  {
    operation: 'POST /auth/cli/complete',
    at: '200.{access_token,cli_session_state,refresh_token}',
    change: 'more',
    why: 'Depends on `mode`; the document has the answer of one',
  },
  {
    operation: 'POST /auth/cli/complete',
    at: '200.success',
    change: 'optional',
    why: 'Depends on `mode`; the document has the answer of one',
  },
  {
    operation: 'POST /auth/cli/poll',
    at: '200.refresh_token',
    change: 'lacking',
    why: 'The token comes with 201, there as here; the document gives both statuses one shape',
  },
  {
    operation: 'GET /auth/oauth/authorize/{provider_id}',
    at: 'query.error_redirect_url',
    change: 'more',
    why: 'The name that clients of earlier versions send',
  },
  {
    operation: 'POST /auth/oauth/token',
    at: '200',
    change: 'more',
    why: 'The original leaves the answer open; it is that of RFC 6749',
  },
  {
    operation: 'POST /auth/oauth/token',
    at: 'body.{code,code_verifier,redirect_uri,refresh_token}',
    change: 'more',
    why: omitted,
  },
  { operation: 'POST /team-invitations/{id}/accept', at: 'body', change: 'more', why: 'An empty object may be sent' },
];
