import type { Notice } from '../core/mail/mail.ts';
import type { Content } from './content.ts';

/** What happened, as a heading and as a sentence about the account. */
const words: { readonly [notice in Notice]: { readonly heading: string; says(app: string): string } } = {
  password_changed: {
    heading: 'Your password was changed',
    says: (app) => `The password of your account at ${app} is a new one. Other sessions were signed out.`,
  },
  password_added: {
    heading: 'A password was added',
    says: (app) => `Your account at ${app} can now be opened with a password.`,
  },
  password_removed: {
    heading: 'Your password was removed',
    says: (app) => `Your account at ${app} has no password any more. Other sessions were signed out.`,
  },
  address_added: {
    heading: 'An e-mail address was added',
    says: (app) => `Your account at ${app} has another e-mail address.`,
  },
  address_changed: {
    heading: 'An e-mail address was changed',
    says: (app) => `An e-mail address of your account at ${app} is another one now.`,
  },
  address_removed: {
    heading: 'An e-mail address was removed',
    says: (app) => `Your account at ${app} has one e-mail address less.`,
  },
  factor_on: {
    heading: 'A second factor was switched on',
    says: (app) => `Signing in to your account at ${app} now asks for a code as well.`,
  },
  factor_off: {
    heading: 'The second factor was switched off',
    says: (app) => `Signing in to your account at ${app} does not ask for a code any more.`,
  },
  backup_codes_renewed: {
    heading: 'New backup codes were made',
    says: (app) => `Your account at ${app} has new backup codes. The old ones do not work any more.`,
  },
  passkey_added: {
    heading: 'A passkey was added',
    says: (app) => `Your account at ${app} can now be opened with one more passkey.`,
  },
  passkey_removed: {
    heading: 'A passkey was removed',
    says: (app) => `A passkey of your account at ${app} does not open it any more.`,
  },
  identity_linked: {
    heading: 'A sign-in was linked',
    says: (app) => `Your account at ${app} was linked to an account at another service.`,
  },
  identity_unlinked: {
    heading: 'A sign-in was unlinked',
    says: (app) => `An account at another service is not linked to your account at ${app} any more.`,
  },
  account_claimed: {
    heading: 'Your account was set up anew',
    says: (app) =>
      `Somebody showed that another address of your account at ${app} is theirs. Nobody had shown that before, so every way to sign in that was set up until then was removed.`,
  },
  signed_out: {
    heading: 'You were signed out',
    says: (app) => `An administrator or the application ended sessions of your account at ${app}.`,
  },
  key_made: {
    heading: 'An API key was made',
    says: (app) => `Somebody who is signed in to your account at ${app} made an API key.`,
  },
};

/** A notice after the fact: nothing to confirm, and what to do if it was somebody else. */
export function noticeContent(notice: Notice, app: string): Content {
  const { heading, says } = words[notice];
  const subject = heading.startsWith('Your password')
    ? heading.replace('Your password', `Your password at ${app}`)
    : `${heading} at ${app}`;
  return {
    subject,
    heading,
    paragraphs: [says(app)],
    asked: 'The change was made',
    notYou: 'If it was not you, set a new password at once: ask for one on the sign-in page.',
  };
}
