import type { LinkPurpose } from '../../core/codes/mailed-links.ts';

export interface LinkWords {
  /** Of the page with the button. */
  readonly title: string;
  readonly text: string;
  readonly button: string;
  readonly done: { readonly title: string; readonly text: string };
  /** What to do when the link is dead and none is mailed in its place. */
  readonly dead: string;
}

const ask = 'Ask for a new one where you asked for this one.';
const startAgain = 'Start again in the application, signed in.';

/** What pages say of each kind of mailed link. */
export const linkWords: { readonly [purpose in LinkPurpose]: LinkWords } = {
  email_verification: {
    title: 'Confirm your e-mail address',
    text: 'Press the button to confirm that this address is yours, and that you made the account it is for.',
    button: 'Confirm the address',
    done: { title: 'E-mail verified', text: 'Thank you, your address is confirmed.' },
    dead: ask,
  },
  email_change_confirm: {
    title: 'Change your e-mail address?',
    text: 'Press the button to let this address take the place of the one you sign in with. A link is mailed there next.',
    button: 'Allow the change',
    done: { title: 'Change allowed', text: 'A link was mailed to the new address. Follow it to finish the change.' },
    dead: startAgain,
  },
  email_change: {
    title: 'Confirm your new e-mail address',
    text: 'Press the button to use this address from now on. Every other device will be signed out.',
    button: 'Use this address',
    done: { title: 'E-mail changed', text: 'From now on you sign in with your new address.' },
    dead: startAgain,
  },
  sign_in_link: {
    title: 'Sign in',
    text: 'Press the button to be signed in on this device.',
    button: 'Sign in',
    done: { title: 'You are signed in', text: 'You are signed in on this device.' },
    dead: ask,
  },
  password_reset: {
    title: 'Choose a new password',
    text: '',
    button: 'Set the password',
    done: {
      title: 'Password changed',
      text: 'Your new password is set and every device was signed out. Sign in with the new password.',
    },
    dead: ask,
  },
  user_deletion: {
    title: 'Delete your account?',
    text: 'Press the button to delete your account and everything that belongs to it. This cannot be undone.',
    button: 'Delete the account',
    done: { title: 'Account deleted', text: 'Your account is deleted.' },
    dead: startAgain,
  },
};
