import type { Mail, MailMessage } from '../core/mail/mail.ts';
import type { Content } from './content.ts';
import { noticeContent } from './notices.ts';
import { lifeInWords } from './words.ts';

type Kind = MailMessage['kind'];
type Templates = { readonly [K in Kind]: (message: Extract<MailMessage, { kind: K }>, app: string) => Content };

const nothingChanges = 'If it was not you, ignore this mail: nothing changes.';

/** One row per message; a new kind does not compile without one. */
const templates: Templates = {
  verify_email: ({ link, lifeSeconds }, app) => ({
    subject: `Confirm your e-mail address for ${app}`,
    heading: 'Confirm your e-mail address',
    paragraphs: [`Please confirm that this address is yours, so that you can use it with ${app}.`, once(lifeSeconds)],
    action: { label: 'Confirm address', link },
    asked: 'This was requested',
    notYou: 'If it was not you, ignore this mail: the address stays unconfirmed.',
  }),
  reset_password: ({ link, lifeSeconds }, app) => ({
    subject: `Set a new password for ${app}`,
    heading: 'Set a new password',
    paragraphs: [`Somebody asked to set a new password for your account at ${app}.`, once(lifeSeconds)],
    action: { label: 'Set a new password', link },
    asked: 'This was requested',
    notYou: 'If it was not you, ignore this mail: your password stays as it is.',
  }),
  confirm_email_change: ({ link, newEmail, lifeSeconds }, app) => ({
    subject: `Confirm your new address for ${app}`,
    heading: 'Change your e-mail address?',
    paragraphs: [
      `Somebody who is signed in to your account at ${app} asked to change its address to ${newEmail}.`,
      'Confirm this only if you asked for it. The new address then gets a mail of its own.',
      once(lifeSeconds),
    ],
    action: { label: 'Confirm the change', link },
    asked: 'This was requested',
    notYou: 'If it was not you, do not follow the link. Somebody may know your password: set a new one.',
  }),
  verify_new_email: ({ link, lifeSeconds }, app) => ({
    subject: `Confirm your new e-mail address for ${app}`,
    heading: 'Confirm your new e-mail address',
    paragraphs: [`An account at ${app} is to use this address. Please confirm that it is yours.`, once(lifeSeconds)],
    action: { label: 'Confirm address', link },
    asked: 'This was requested',
    notYou: nothingChanges,
  }),
  email_changed: ({ newEmail }, app) => ({
    subject: `Your e-mail address at ${app} was changed`,
    heading: 'Your e-mail address was changed',
    paragraphs: [`Your account at ${app} now uses ${newEmail} to sign in.`],
    asked: 'The change was made',
    notYou: `If it was not you, tell whoever runs ${app} at once: somebody else has your account.`,
  }),
  delete_account: ({ link, lifeSeconds }, app) => ({
    subject: `Confirm the deletion of your account at ${app}`,
    heading: 'Delete your account?',
    paragraphs: [
      `Somebody who is signed in to your account at ${app} asked to delete it.`,
      'Following the link deletes the account and everything in it. It cannot be brought back.',
      once(lifeSeconds),
    ],
    action: { label: 'Delete my account', link },
    asked: 'This was requested',
    notYou: 'If it was not you, do not follow the link. Somebody may know your password: set a new one.',
  }),
  already_registered: ({ resetLink }, app) => ({
    subject: `You already have an account at ${app}`,
    heading: 'You already have an account',
    paragraphs: [
      `Somebody tried to make a new account at ${app} with this address. It has one already, so none was made.`,
      resetLink === null
        ? 'If it was you, sign in instead. If you forgot the password, ask for a new one on the sign-in page.'
        : 'If it was you, sign in instead. If you forgot the password, set a new one:',
    ],
    ...(resetLink !== null && { action: { label: 'Set a new password', link: resetLink } }),
    asked: 'This was tried',
    notYou: nothingChanges,
  }),
  invitation: ({ organizationName, inviterName, link, lifeSeconds }, app) => ({
    subject: `You have been invited to join ${organizationName}`,
    heading: `Join ${organizationName}`,
    paragraphs: [
      `${inviterName || 'Somebody'} invites you to ${organizationName} at ${app}.`,
      'Sign in with this address, or make an account with it, to answer.',
      once(lifeSeconds),
    ],
    action: { label: 'See the invitation', link },
    asked: 'You were invited',
    notYou: 'If it was not you whom they meant, ignore this mail: nothing changes.',
  }),
  api_key_leaked: ({ keyName, last4 }, app) => ({
    subject: `An API key of yours at ${app} was revoked`,
    heading: 'An API key was revoked',
    paragraphs: [
      `The text of the API key ${keyName ? `“${keyName}”` : 'of yours'} that ends in ${last4} was found where others can read it.`,
      'It was revoked at once and opens nothing any more. Make a new one, and look at what was done with the old one.',
    ],
    asked: 'It was reported',
    notYou: `If it was not you who made this key, tell whoever runs ${app}.`,
  }),
  notice: ({ notice }, app) => noticeContent(notice, app),
  sign_in_link: ({ link, lifeSeconds }, app) => ({
    subject: `Sign in to ${app}`,
    heading: 'Your sign-in link',
    paragraphs: [`Follow this link to sign in to ${app}. It is for you alone: do not pass it on.`, once(lifeSeconds)],
    action: { label: 'Sign in', link },
    asked: 'This was requested',
    notYou: nothingChanges,
  }),
  sign_in_otp: ({ otp, link, lifeSeconds }, app) => ({
    subject: `Sign in to ${app}: Your code is ${otp}`,
    heading: `Sign in to ${app}`,
    paragraphs: [
      `Enter this code, or follow the link. Both are for you alone: do not pass them on.`,
      once(lifeSeconds),
    ],
    code: otp,
    action: { label: 'Sign in', link },
    asked: 'This was requested',
    notYou: nothingChanges,
  }),
  sign_in_code: ({ code, lifeSeconds }, app) => ({
    subject: `Your sign-in code for ${app}`,
    heading: 'Your sign-in code',
    paragraphs: [`Enter this code to sign in to ${app}.`, codeOnce(lifeSeconds, app)],
    code,
    asked: 'This was requested',
    notYou: nothingChanges,
  }),
  verification_code: ({ code, lifeSeconds }, app) => ({
    subject: `Your confirmation code for ${app}`,
    heading: 'Confirm your e-mail address',
    paragraphs: [`Enter this code to confirm that this address is yours.`, codeOnce(lifeSeconds, app)],
    code,
    asked: 'This was requested',
    notYou: 'If it was not you, ignore this mail: the address stays unconfirmed.',
  }),
  reset_code: ({ code, lifeSeconds }, app) => ({
    subject: `Your code to set a new password for ${app}`,
    heading: 'Set a new password',
    paragraphs: [`Enter this code to set a new password for your account at ${app}.`, codeOnce(lifeSeconds, app)],
    code,
    asked: 'This was requested',
    notYou: 'If it was not you, ignore this mail: your password stays as it is.',
  }),
  second_factor_code: ({ code, lifeSeconds }, app) => ({
    subject: `Your code for ${app}`,
    heading: 'Your sign-in code',
    paragraphs: [
      `Enter this code to go on signing in to ${app}.`,
      `It works once, for ${lifeInWords(lifeSeconds)}. Nobody from ${app} will ever ask you for it.`,
    ],
    code,
    asked: 'This was requested',
    notYou: 'If it was not you, somebody knows your password: set a new one.',
  }),
};

const once = (lifeSeconds: number): string => `The link works once, for ${lifeInWords(lifeSeconds)}.`;

const codeOnce = (lifeSeconds: number, app: string): string =>
  `It works once, for ${lifeInWords(lifeSeconds)}. Nobody from ${app} will ever ask you for it.`;

export function contentOf({ message, projectName }: Mail): Content {
  const template = templates[message.kind] as (message: MailMessage, app: string) => Content;
  return template(message, projectName);
}
