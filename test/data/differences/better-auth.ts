import type { Expected } from '../../kit/operation-differences.ts';

const later = 'Of later versions, which take or answer it too';
const nullable = 'Null stands for no value there too; the document says so in few places';
const texts = "The original's document calls every member of a body text; its server takes these types";
const fullUser = 'The full user everywhere, as later versions answer';
const said = 'What the original answers; its document has an older shape or none';

/** What differs from the document of a server of the 1.2 era with the same plugins, by operation. */
export const betterAuthDifferences: readonly Expected[] = [
  { operation: '*', at: '*', change: '{string → null|string,object → null|object}', why: nullable },
  { operation: 'POST /organization/{create,update}', at: '200.metadata', change: 'string → null|object', why: said },
  { operation: '* /api-key/*', at: '200*.permissions', change: 'null|string → null|object', why: said },
  {
    operation: '*',
    at: 'body.*',
    change: 'string → {array,boolean,boolean|null,null|number,number,object}',
    why: texts,
  },
  {
    operation: '*',
    at: '200*user.{banExpires,banReason,banned,displayUsername,isAnonymous,role,twoFactorEnabled,username}',
    change: 'more',
    why: fullUser,
  },
  // Answers
  {
    operation: 'GET /api-key/list',
    at: '200',
    change: 'array → array|object',
    why: 'A list in the 1.2 era, a page since then: `betterAuth` settings choose',
  },
  { operation: 'GET /api-key/list', at: '200.{apiKeys,limit,offset,total}', change: 'more', why: later },
  { operation: '* /api-key/*', at: '{200,200.[]}.{configId,referenceId}', change: 'more', why: later },
  { operation: '*', at: '200*.activeTeamId', change: 'more', why: 'Where the project has teams' },
  { operation: '* /passkey/*', at: '200*.aaguid', change: 'more', why: later },
  {
    operation: 'GET /passkey/generate-register-options',
    at: '200.{authenticatorSelection.residentKey,extensions.credProps,hints}',
    change: 'more',
    why: said,
  },
  {
    operation: 'POST /passkey/generate-authenticate-options',
    at: '200.{authenticatorSelection,extensions,rp,user}',
    change: 'lacking',
    why: 'Members of a registration, which its document gives to the sign-in too; nothing answers them',
  },
  { operation: 'POST /passkey/generate-authenticate-options', at: '200.rpId', change: 'more', why: said },
  { operation: 'GET /list-accounts', at: '200.[].{accountId,providerId,scopes,userId}', change: 'more', why: later },
  { operation: 'POST /refresh-token', at: '200.{accountId,providerId,scope}', change: 'more', why: later },
  { operation: 'POST /get-access-token', at: '200.scopes', change: 'more', why: later },
  {
    operation: 'POST /get-access-token',
    at: '200.{refreshToken,refreshTokenExpiresAt}',
    change: 'lacking',
    why: 'The refresh token stays on the server, as in later versions',
  },
  {
    operation: 'POST /{get-access-token,refresh-token}',
    at: '200.tokenType',
    change: 'lacking',
    why: 'In the document alone: no version answers it',
  },
  {
    operation: 'POST /change-email',
    at: '200.message',
    change: 'lacking',
    why: 'In the document alone: no version answers it',
  },
  {
    operation: 'POST /forget-password',
    at: '200.message',
    change: 'more',
    why: 'As its later name `/request-password-reset` answers',
  },
  {
    operation: 'GET /reset-password/{token}',
    at: '200',
    change: 'lacking',
    why: 'A link: it answers by redirect, there as here',
  },
  {
    operation: 'GET {/verify-email,/reset-password/*,/delete-user/callback}',
    at: '302',
    change: 'more',
    why: 'With a `callbackURL` a redirect, there as here',
  },
  { operation: 'POST /two-factor/verify-{totp,backup-code}', at: '200.{token,user}', change: 'more', why: later },
  {
    operation: 'POST /two-factor/verify-totp',
    at: '200.status',
    change: 'lacking',
    why: 'The session and the user in its place, as in later versions',
  },
  {
    operation: 'POST /two-factor/verify-backup-code',
    at: '200.session',
    change: 'lacking',
    why: 'The token of the session in its place, as in later versions',
  },
  {
    operation: 'POST /two-factor/verify-otp',
    at: '200.token',
    change: 'optional',
    why: 'Not where the code only proves the factor of a session that is there',
  },
  { operation: 'POST /two-factor/enable', at: '{200,body}.method', change: 'more', why: later },
  {
    operation: 'POST {/sign-in/email,/sign-in/username,/passkey/verify-authentication}',
    at: '200.{twoFactorMethods,twoFactorRedirect}',
    change: 'more',
    why: 'In place of a session where a second factor is asked for, there as here',
  },
  {
    operation: 'POST /sign-in/{email,username,social}',
    at: '200.{redirect,token,user}',
    change: 'optional',
    why: 'Another answer where a second factor is asked for or the browser goes to a provider, there as here',
  },
  {
    operation: 'POST /sign-in/email',
    at: '200.url',
    change: 'null → string',
    why: 'The `callbackURL`; absent without one',
  },
  { operation: 'POST /sign-in/social', at: '200.{url,user}', change: 'more', why: said },
  { operation: 'POST /sign-in/username', at: '{200.redirect,200.url,body.callbackURL}', change: 'more', why: later },
  {
    operation: 'POST /sign-out',
    at: '{200.redirect,200.url,body.callbackURL,body.disableRedirect,body.state}',
    change: 'more',
    why: later,
  },
  {
    operation: 'GET /verify-email',
    at: '200.user',
    change: 'optional',
    why: 'The user with a change of address alone, there as here',
  },
  { operation: 'POST /link-social', at: '200.status', change: 'more', why: said },
  { operation: 'GET /admin/list-users', at: '200.users[].isAnonymous', change: 'more', why: fullUser },
  { operation: 'POST /admin/has-permission', at: '200.error', change: 'string → null', why: said },
  {
    operation:
      '{GET,POST} {/admin/stop-impersonating,/organization/cancel-invitation,/organization/check-slug,/organization/leave,/organization/list-invitations}',
    at: '200',
    change: 'more',
    why: 'What the original answers; its document leaves it open',
  },
  {
    operation: 'POST /organization/{accept,reject}-invitation',
    at: '200.{invitation,member}*',
    change: 'more',
    why: said,
  },
  {
    operation: '* /organization/{invite-member,get-invitation}',
    at: '200.{createdAt,teamId}',
    change: 'more',
    why: later,
  },
  { operation: 'POST /organization/remove-member', at: '200.member.createdAt', change: 'more', why: said },
  {
    operation: 'POST /organization/update-member-role',
    at: '200.member',
    change: 'lacking',
    why: 'The member itself, as later versions answer',
  },
  {
    operation: 'POST /organization/update-member-role',
    at: '200.{createdAt,id,organizationId,role,userId}',
    change: 'more',
    why: 'The member itself, as later versions answer',
  },
  { operation: 'GET /organization/get-active-member', at: '200.{createdAt,user}', change: 'more', why: said },
  {
    operation: 'POST /organization/delete',
    at: '200',
    change: 'string → object',
    why: 'The organization itself, as later versions answer',
  },
  {
    operation: '{GET,POST} /organization/{create,set-active,get-full-organization}',
    at: '200.{invitations,members,teams}',
    change: 'more',
    why: said,
  },

  // Requests
  { operation: '*', at: 'body.{role,teamId}[]', change: 'more', why: 'One or a list of them, there as here' },
  {
    operation: 'POST {/sign-in/social,/link-social}',
    at: 'body.{additionalData,additionalParams,disableRedirect,errorCallbackURL,idToken,loginHint,newUserCallbackURL,requestSignUp}',
    change: 'more',
    why: later,
  },
  {
    operation: 'POST /{sign-up/email,update-user}',
    at: 'body.{displayUsername,image,rememberMe,username}',
    change: 'more',
    why: 'Members of the username plugin and of sign-up, which its document leaves out',
  },
  {
    operation: '* /api-key/*',
    at: '{body,query}.{configId,limit,offset,organizationId,sortBy,sortDirection}',
    change: 'more',
    why: later,
  },
  { operation: 'GET /api-key/get', at: 'query.id', change: 'required', why: 'Asked for there as well' },
  { operation: 'GET /organization/get-invitation', at: 'query.id', change: 'required', why: 'Asked for there as well' },
  { operation: 'GET /delete-user/callback', at: 'query.token', change: 'required', why: 'Asked for there as well' },
  {
    operation: 'GET /reset-password/{token}',
    at: 'query.callbackURL',
    change: 'required',
    why: 'Asked for there as well: it is where the link goes on to',
  },
  {
    operation: 'POST {/two-factor/send-otp,/passkey/generate-authenticate-options,/admin/stop-impersonating}',
    at: 'body',
    change: 'more',
    why: 'An empty object may be sent',
  },
  { operation: 'POST /{refresh-token,get-access-token}', at: 'body.useAccountCookie', change: 'more', why: later },
  {
    operation: 'POST /reset-password',
    at: 'query.token',
    change: 'more',
    why: 'In the query or in the body, there as here',
  },
  { operation: 'POST /organization/update', at: 'body.data.*', change: 'more', why: said },
  { operation: 'POST /organization/has-permission', at: 'body.organizationId', change: 'more', why: said },
  {
    operation: 'GET /organization/{get-full-organization,list-invitations}',
    at: 'query.{membersLimit,organizationId,organizationSlug}',
    change: 'more',
    why: 'Read there as well; its document leaves them out',
  },
  {
    operation: 'GET /get-session',
    at: 'query.{disableCookieCache,disableRefresh}',
    change: 'more',
    why: 'Read there as well; its document leaves them out',
  },
  {
    operation: 'GET /error',
    at: 'query.{error,error_description}',
    change: 'more',
    why: 'Read there as well; its document leaves them out',
  },
  {
    operation: 'GET /passkey/generate-register-options',
    at: 'query.{authenticatorAttachment,context,name}',
    change: 'more',
    why: later,
  },
];
