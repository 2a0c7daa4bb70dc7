import { Type } from 'typebox';
import { requestLinkAgain } from '../../../core/mail/mail-link-again.ts';
import { linkAgainPage } from '../../pages/link-pages.ts';
import { endpoint } from '../endpoint.ts';
import { landing, landingsOf } from '../landing.ts';
import { magicLink, verificationLink } from '../links.ts';
import { newLinkPath, nonce, rememberBrowser } from '../mailed-links.ts';
import { returnUrl } from '../schemas.ts';

/** What the page of a dead link posts. Its answer is the same whatever the link was. */
export const newLink = endpoint(`POST ${newLinkPath}`, {
  needs: 'nobody',
  operationId: 'mailNewLink',
  summary: 'Mail a new link in place of a dead one, to the same address',
  tag: 'Default',
  hidden: true,
  acceptsForms: true,
  body: Type.Object({
    token: Type.String(),
    callbackURL: returnUrl('Where the new link goes on to'),
    newUserCallbackURL: returnUrl('The same, for whoever is new'),
    errorCallbackURL: returnUrl('Where a dead one goes'),
  }),
  replies: { 200: null },
  async handle(call) {
    const { body, settings, ctx } = call;
    await requestLinkAgain(ctx, await call.actor(), {
      token: body.token,
      browserToken: rememberBrowser(call),
      links: {
        email_verification: verificationLink(settings, landing(call, body.callbackURL)),
        ...(settings.magicLink && { sign_in_link: magicLink(settings, landingsOf(call, body)) }),
      },
    });
    return linkAgainPage({ ctx, nonce: nonce(call) });
  },
});
