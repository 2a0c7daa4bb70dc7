import type { Instant } from '../../base/clock.ts';
import type { RequestOrigin } from '../actor.ts';

/** A message to a person. Words and layout belong to `mail/`; who gets it and with which link is decided in core. */
export interface Mail {
  readonly to: string;
  readonly message: MailMessage;
  /** What the mail names as the sender's application. */
  readonly projectName: string;
  /** Who asked and from where: every mail says so. */
  readonly asked: RequestOrigin & { readonly at: Instant };
}

/** What somebody is told after a change of their account that they did not have to confirm. */
export type Notice =
  | 'password_changed'
  | 'password_added'
  | 'password_removed'
  | 'address_added'
  | 'address_changed'
  | 'address_removed'
  | 'factor_on'
  | 'factor_off'
  | 'backup_codes_renewed'
  | 'passkey_added'
  | 'passkey_removed'
  | 'identity_linked'
  | 'identity_unlinked'
  | 'key_made'
  | 'account_claimed'
  | 'signed_out';

export type MailMessage =
  | { readonly kind: 'verify_email'; readonly link: string; readonly lifeSeconds: number }
  | { readonly kind: 'reset_password'; readonly link: string; readonly lifeSeconds: number }
  /** To the old address: may the new one take its place? */
  | {
      readonly kind: 'confirm_email_change';
      readonly link: string;
      readonly newEmail: string;
      readonly lifeSeconds: number;
    }
  /** To the new address: is it yours? */
  | { readonly kind: 'verify_new_email'; readonly link: string; readonly lifeSeconds: number }
  /** To the old address, after the fact. */
  | { readonly kind: 'email_changed'; readonly newEmail: string }
  | { readonly kind: 'delete_account'; readonly link: string; readonly lifeSeconds: number }
  /** Somebody signed up with an address that has an account. */
  | { readonly kind: 'already_registered'; readonly resetLink: string | null }
  | {
      readonly kind: 'invitation';
      readonly organizationName: string;
      /** Empty when nobody knows. */
      readonly inviterName: string;
      readonly link: string;
      readonly lifeSeconds: number;
    }
  /** Somebody found a key where the public could read it. */
  | { readonly kind: 'api_key_leaked'; readonly keyName: string; readonly last4: string }
  | { readonly kind: 'notice'; readonly notice: Notice }
  | { readonly kind: 'sign_in_link'; readonly link: string; readonly lifeSeconds: number }
  /** A link and, for those who read their mail elsewhere, its first characters to type. */
  | { readonly kind: 'sign_in_otp'; readonly otp: string; readonly link: string; readonly lifeSeconds: number }
  | { readonly kind: 'sign_in_code'; readonly code: string; readonly lifeSeconds: number }
  | { readonly kind: 'verification_code'; readonly code: string; readonly lifeSeconds: number }
  | { readonly kind: 'reset_code'; readonly code: string; readonly lifeSeconds: number }
  | { readonly kind: 'second_factor_code'; readonly code: string; readonly lifeSeconds: number };

/**
 * A link in a mail: an address with `{token}` where the token goes. Built by the surface from the configured public
 * URL and a return address that was checked, never from a request's Host (rule 16).
 */
export type LinkTemplate = string;
export const fillLink = (template: LinkTemplate, token: string): string => template.replace('{token}', token);
