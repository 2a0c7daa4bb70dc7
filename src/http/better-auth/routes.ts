import type { BetterAuthConfig } from '../../base/configuration.ts';
import * as accounts from './endpoints/accounts.ts';
import * as adminListUsers from './endpoints/admin-list-users.ts';
import * as adminPermissions from './endpoints/admin-permissions.ts';
import * as adminSessions from './endpoints/admin-sessions.ts';
import * as adminUsers from './endpoints/admin-users.ts';
import * as anonymous from './endpoints/anonymous.ts';
import * as apiKey from './endpoints/api-key.ts';
import * as callback from './endpoints/callback.ts';
import * as email from './endpoints/email.ts';
import * as emailOtp from './endpoints/email-otp.ts';
import * as jwt from './endpoints/jwt.ts';
import * as magicLink from './endpoints/magic-link.ts';
import * as meta from './endpoints/meta.ts';
import * as multiSession from './endpoints/multi-session.ts';
import * as newLink from './endpoints/new-link.ts';
import * as oneTimeToken from './endpoints/one-time-token.ts';
import * as organization from './endpoints/organization.ts';
import * as invitations from './endpoints/organization-invitations.ts';
import * as members from './endpoints/organization-members.ts';
import * as passkey from './endpoints/passkey.ts';
import * as password from './endpoints/password.ts';
import * as role from './endpoints/role.ts';
import * as secondFactorPage from './endpoints/second-factor-page.ts';
import * as serverOnly from './endpoints/server-only.ts';
import * as session from './endpoints/session.ts';
import * as signIn from './endpoints/sign-in.ts';
import * as signUp from './endpoints/sign-up.ts';
import * as social from './endpoints/social.ts';
import * as team from './endpoints/team.ts';
import * as twoFactor from './endpoints/two-factor.ts';
import * as user from './endpoints/user.ts';

/** The operations that are always there, in the order of the specification. */
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
  email.confirmVerifyEmail,
  newLink.newLink,
  email.sendVerificationEmail,
  email.changeEmail,
  password.changePasswordEndpoint,
  user.updateUser,
  user.deleteUser,
  user.deleteUserCallback,
  user.confirmDeleteUser,

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
  secondFactorPage.showSecondFactorPage,
  secondFactorPage.takeSecondFactorPage,

  passkey.generateRegisterOptions,
  passkey.generateAuthenticateOptions,
  passkey.postGenerateAuthenticateOptions,
  passkey.verifyRegistration,
  passkey.verifyAuthentication,
  passkey.listUserPasskeys,
  passkey.deletePasskey,
  passkey.updatePasskey,

  adminUsers.setRole,
  adminUsers.createUser,
  adminListUsers.listUsers,
  adminSessions.listUserSessions,
  adminUsers.banUser,
  adminUsers.unbanUser,
  adminSessions.impersonateUser,
  adminSessions.stopImpersonating,
  adminSessions.revokeUserSession,
  adminSessions.revokeUserSessions,
  adminUsers.removeUser,
  adminUsers.setUserPassword,
  adminPermissions.hasPermission,
  adminUsers.getUser,
  adminUsers.updateUser,

  apiKey.createKey,
  apiKey.getKey,
  apiKey.updateKey,
  apiKey.deleteKey,
  apiKey.listKeys,
  apiKey.verifyKey,

  organization.create,
  organization.update,
  organization.remove,
  organization.setActive,
  organization.getFull,
  organization.get,
  organization.list,
  organization.checkSlugEndpoint,
  invitations.inviteMember,
  invitations.cancel,
  invitations.accept,
  invitations.reject,
  invitations.get,
  invitations.list,
  invitations.listOwn,
  members.removeMemberEndpoint,
  members.updateMemberRole,
  members.getActiveMember,
  members.getActiveMemberRole,
  members.listMembersEndpoint,
  members.leave,
  members.hasPermission,

  team.create,
  team.remove,
  team.update,
  team.list,
  team.setActive,
  team.listOfUser,
  team.listMembers,
  team.addMember,
  team.removeMember,

  role.create,
  role.remove,
  role.list,
  role.get,
  role.update,
];

/** What configuration switches on: without it the paths are not there. */
const switched = {
  magicLink: [
    magicLink.signInMagicLink,
    magicLink.verifyMagicLink,

    magicLink.confirmMagicLink,
  ],
  emailOtp: [
    emailOtp.sendVerificationOtp,
    emailOtp.checkVerificationOtp,
    emailOtp.verifyEmailOtp,
    emailOtp.signInEmailOtp,
    emailOtp.requestPasswordResetOtp,
    emailOtp.forgetPasswordOtp,
    emailOtp.resetPasswordOtp,
  ],
  anonymous: [anonymous.signInAnonymous, anonymous.deleteAnonymousUserEndpoint],
  multiSession: [multiSession.listDeviceSessions, multiSession.setActiveSession, multiSession.revokeDeviceSession],
  oneTimeToken: [oneTimeToken.generateOneTimeToken, oneTimeToken.verifyOneTimeToken],
  jwt: [jwt.getToken, jwt.getJwks],
  serviceToken: [serverOnly.setPassword, serverOnly.addMember],
};

/** Everything, as if all of it were switched on. */
export const allRoutes = [...routes, ...Object.values(switched).flat()];

export const routesFor = (settings: Pick<BetterAuthConfig, keyof typeof switched>) => [
  ...routes,
  ...Object.entries(switched).flatMap(([name, endpoints]) =>
    settings[name as keyof typeof switched] ? endpoints : [],
  ),
];
