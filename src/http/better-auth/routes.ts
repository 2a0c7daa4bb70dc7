import * as accounts from './endpoints/accounts.ts';
import * as callback from './endpoints/callback.ts';
import * as email from './endpoints/email.ts';
import * as meta from './endpoints/meta.ts';
import * as passkey from './endpoints/passkey.ts';
import * as password from './endpoints/password.ts';
import * as session from './endpoints/session.ts';
import * as signIn from './endpoints/sign-in.ts';
import * as signUp from './endpoints/sign-up.ts';
import * as social from './endpoints/social.ts';
import * as twoFactor from './endpoints/two-factor.ts';
import * as user from './endpoints/user.ts';

/** Every operation of the dialect, in the order of the specification. */
export const routes = [
  signUp.signUpEmail,
  signIn.signInEmail,
  social.signInSocial,
  callback.callback,
  callback.postedCallback,
  session.getSession,
  session.postGetSession,
  session.signOut,
  session.listSessionsEndpoint,
  session.revokeSession,
  session.revokeSessions,
  session.revokeOtherSessions,
  meta.ok,
  meta.error,
  password.verifyPassword,

  password.forgetPassword,
  password.requestPasswordResetEndpoint,
  password.resetPasswordCallback,
  password.resetPasswordEndpoint,
  email.verifyEmailEndpoint,
  email.sendVerificationEmail,
  email.changeEmail,
  password.changePasswordEndpoint,
  user.updateUser,
  user.deleteUser,
  user.deleteUserCallback,

  accounts.listAccounts,
  social.linkSocial,
  accounts.unlinkAccount,
  accounts.getAccessToken,
  accounts.refreshToken,
  accounts.getAccountInfo,
  accounts.postAccountInfo,

  signIn.signInUsername,
  signIn.isUsernameAvailable,

  twoFactor.enable,
  twoFactor.disable,
  twoFactor.getTotpUri,
  twoFactor.verifyTotp,
  twoFactor.sendOtp,
  twoFactor.verifyOtp,
  twoFactor.verifyBackupCode,
  twoFactor.generateBackupCodes,

  passkey.generateRegisterOptions,
  passkey.generateAuthenticateOptions,
  passkey.postGenerateAuthenticateOptions,
  passkey.verifyRegistration,
  passkey.verifyAuthentication,
  passkey.listUserPasskeys,
  passkey.deletePasskey,
  passkey.updatePasskey,
];
