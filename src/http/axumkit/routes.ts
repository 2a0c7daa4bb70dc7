import type { AxumKitEndpoint } from './endpoint.ts';
import * as account from './endpoints/account.ts';
import { listActionLogs } from './endpoints/action-logs.ts';
import * as email from './endpoints/email.ts';
import { streamActions } from './endpoints/event-stream.ts';
import { images } from './endpoints/images.ts';
import * as later from './endpoints/later.ts';
import * as meta from './endpoints/meta.ts';
import * as oauth from './endpoints/oauth.ts';
import * as password from './endpoints/password.ts';
import * as profiles from './endpoints/profiles.ts';
import { searchUsers } from './endpoints/search.ts';
import * as session from './endpoints/session.ts';
import * as sessions from './endpoints/sessions.ts';
import * as signUp from './endpoints/sign-up.ts';
import * as totp from './endpoints/totp.ts';
import type { AxumKitSettings } from './settings.ts';

/** The operations that are always there, in the order of the specification. */
export const routes: readonly AxumKitEndpoint[] = [
  meta.healthCheck,

  session.login,
  session.logout,
  email.verifyEmailEndpoint,
  email.resendVerificationEmail,
  password.forgotPassword,
  password.resetPasswordEndpoint,
  password.changePasswordEndpoint,
  email.changeEmail,
  email.confirmEmailChangeEndpoint,
  signUp.completeSignup,

  ...oauth.endpointsOf('google'),
  ...oauth.endpointsOf('github'),
  oauth.listConnections,
  oauth.unlinkConnection,

  totp.setup,
  totp.enable,
  totp.verify,
  totp.status,
  totp.disable,
  totp.regenerateBackupCodes,

  signUp.register,
  profiles.profileByHandle,
  profiles.profileById,
  profiles.handleAvailable,
  account.getMe,
  account.patchMe,
  ...images,
  searchUsers,
  listActionLogs,
  streamActions,

  later.signup,
  sessions.listSessionsEndpoint,
  sessions.endSessionEndpoint,
  later.appLogin,
  later.appVerify,
];

/**
 * The document and the page about it are for developers (spec §2.1). At the root of the server the page of that name is
 * the server's own, which shows the same.
 */
export const routesFor = (
  { development, baseUrl }: Pick<AxumKitSettings, 'development' | 'baseUrl'>,
  publicUrl: string,
  describe: () => unknown,
): readonly AxumKitEndpoint[] => {
  if (!development) return routes;
  const document = meta.documentOf(describe);
  return baseUrl === publicUrl ? [...routes, document] : [...routes, document, meta.docs];
};
