import type { LinkTemplate } from '../../core/mail/mail.ts';
import type { AxumKitCall } from './call.ts';

type Page = 'verifyEmailPath' | 'resetPasswordPath' | 'confirmEmailChangePath';

const hosted: Record<Page, string> = {
  verifyEmailPath: '/-/verify-email',
  resetPasswordPath: '/-/reset-password',
  confirmEmailChangePath: '/-/confirm-email-change',
};

/** A page of the application, `?token=` at its end; one of ours where the application has none (spec §1.10, rule 16). */
export const linkTo = ({ ctx, settings }: Pick<AxumKitCall, 'ctx' | 'settings'>, page: Page): LinkTemplate =>
  `${settings.frontendUrl === null ? ctx.pagesUrl + hosted[page] : settings.frontendUrl + settings[page]}?token={token}`;
