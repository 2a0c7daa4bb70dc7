import type { EmailForm } from '../../base/email-form.ts';
import type { RequestOrigin } from '../actor.ts';
import type { LinkPurpose } from '../codes/mailed-links.ts';
import type { MailedCodePurpose } from '../codes/one-time-value.ts';
import type { LinkTemplate, Mail } from '../mail/mail.ts';
import type { SurfaceName } from '../surface.ts';

/** Where a new link leads in place of a dead one, by what that was for. */
export type LinksAgain = { readonly [purpose in LinkPurpose]?: LinkTemplate };

/** What is done after the answer was sent: at least once, with retries. */
export type Work =
  | { readonly kind: 'send_mail'; readonly mail: Mail }
  /** Looking the address up here, not in the request, makes known and unknown addresses take alike (rule 17). */
  | {
      readonly kind: 'mail_password_reset';
      readonly address: string;
      readonly link: LinkTemplate;
      readonly surface: SurfaceName;
      readonly from: RequestOrigin;
    }
  | {
      readonly kind: 'mail_sign_in_link';
      readonly address: EmailForm;
      readonly link: LinkTemplate;
      readonly displayName: string | null;
      /** SHA-256 of what the browser that asked keeps, in base64. */
      readonly browserHash: string | null;
      readonly surface: SurfaceName;
      readonly from: RequestOrigin;
    }
  | {
      readonly kind: 'mail_code';
      readonly purpose: MailedCodePurpose;
      readonly address: EmailForm;
      readonly surface: SurfaceName;
      readonly from: RequestOrigin;
    }
  | {
      readonly kind: 'mail_email_verification';
      readonly address: string;
      /** The person asked for it, signed in. Absent in work that was queued before this was noted. */
      readonly byOwner?: boolean;
      readonly link: LinkTemplate;
      /** As above. Absent in work that was queued before links were bound to browsers. */
      readonly browserHash?: string | null;
      readonly surface: SurfaceName;
      readonly from: RequestOrigin;
    }
  /** In place of a link that is dead. */
  | {
      readonly kind: 'mail_link_again';
      /** Digest of the dead link's token, in base64. */
      readonly valueHash: string;
      readonly links: LinksAgain;
      readonly browserHash: string | null;
      readonly surface: SurfaceName;
      readonly from: RequestOrigin;
    };
