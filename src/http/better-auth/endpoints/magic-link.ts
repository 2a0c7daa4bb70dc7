import { type Static, Type } from 'typebox';
import { ownUrl, withQuery } from '../../../core/return-urls.ts';
import type { MailboxEntry } from '../../../core/sign-in/enter-by-mailbox.ts';
import { requestMailLink } from '../../../core/sign-in/request-mail-link.ts';
import { checkMailLinks, signInWithLink } from '../../../core/sign-in/sign-in-with-link.ts';
import { type Answer, json } from '../../kit/answer.ts';
import { isSeen } from '../../kit/link-visit.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { redirectCode, type WireError } from '../errors.ts';
import { goOn, landing, landingIfGiven, landingsOf } from '../landing.ts';
import { magicLink, redirectTo } from '../links.ts';
import { followLink, rememberBrowser, signedInPage } from '../mailed-links.ts';
import { returnUrl, sessionSchema, statusSchema, userSchema } from '../schemas.ts';
import { keepTrust, setChallenge, trustToken, twoFactorAnswer } from '../two-factor-challenge.ts';
import { sessionWire, userWire } from '../wire.ts';
import { secondFactorPath } from './second-factor-page.ts';

const tag = 'Magic-link';
const path = '/magic-link/verify';
const notHere: WireError = { status: 404, code: 'NOT_FOUND', message: 'Not found' };

const ends = {
  callbackURL: returnUrl('Where a finished sign-in goes on to'),
  newUserCallbackURL: returnUrl('The same, for whoever is new'),
  errorCallbackURL: returnUrl('Where a failed one goes'),
};

export const signInMagicLink = endpoint('POST /sign-in/magic-link', {
  needs: 'nobody',
  operationId: 'signInWithMagicLink',
  summary: 'Mail a link that signs in',
  tag,
  body: Type.Object({
    email: Type.String(),
    name: Type.Optional(Type.String()),
    ...ends,
    metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
  replies: { 200: statusSchema },
  refusals: {
    email_invalid: { status: 400, code: 'VALIDATION_ERROR', message: '[body.email] Invalid email address' },
    method_disabled: notHere,
  },
  async handle(call) {
    const { body } = call;
    await requestMailLink(call.ctx, await call.actor(), {
      address: body.email,
      displayName: body.name ?? null,
      link: magicLink(call.settings, landingsOf(call, body)),
      browserToken: rememberBrowser(call),
    });
    return json({ status: true });
  },
});

const followed = Type.Object({ token: Type.String(), ...ends });
type Followed = Static<typeof followed>;

const signedIn = Type.Union([
  Type.Object({ token: Type.String(), user: userSchema, session: sessionSchema }),
  Type.Object({ twoFactorRedirect: Type.Literal(true), twoFactorMethods: Type.Array(Type.String()) }),
]);

export const verifyMagicLink = endpoint(`GET ${path}`, {
  needs: 'nobody',
  operationId: 'verifyMagicLink',
  summary: 'The mailed link: signs in the browser that asked, and asks any other first',
  tag,
  query: followed,
  replies: { 200: signedIn, 302: null },
  refusals: { method_disabled: notHere },
  handle: (call) => follow(call, call.query),
});

/** What the page's button posts. */
export const confirmMagicLink = endpoint(`POST ${path}`, {
  needs: 'nobody',
  operationId: 'confirmMagicLink',
  summary: 'The same, by somebody who pressed the button',
  tag,
  hidden: true,
  acceptsForms: true,
  body: followed,
  replies: { 200: signedIn, 302: null },
  refusals: { method_disabled: notHere },
  handle: (call) => follow(call, call.body),
});

const follow = (call: BetterAuthCall, given: Followed): Promise<Answer> => {
  checkMailLinks(call.ctx);
  return followLink(call, {
    path,
    purposes: ['sign_in_link'],
    token: given.token,
    ends: given,
    refusals: toldByRedirect,
    act: async () =>
      entered(
        call,
        given,
        await signInWithLink(call.ctx, await call.actor(), {
          token: given.token,
          trustToken: trustToken(call),
          returnTo: landingIfGiven(call, given.callbackURL),
        }),
      ),
    repeated: () => signedInAlready(call),
    refused: (_refusal, error) => deadLinkTold(call, error),
  });
};

/** Whoever is in by it is told of the session they have. */
async function signedInAlready(call: BetterAuthCall): Promise<Answer> {
  const actor = await call.actor();
  if (actor.kind !== 'user') throw new Error('a used sign-in link stands for somebody who is not signed in');
  const { session, user } = actor.live;
  const shown = sessionWire(session, call.token, call);
  return json({ token: call.token, user: userWire(user, call.settings), session: shown });
}

/** Upstream tells it by redirect, whoever follows the link. */
function deadLinkTold(call: BetterAuthCall, error: WireError): Answer {
  const target = landing(call, undefined) ?? ownUrl(call.settings.baseUrl, '/error');
  return redirectTo(withQuery(target, { error: redirectCode(error, call.settings.errorCodes) }));
}

/** Upstream tells every dead link alike, whatever it died of. */
const deadLink: WireError = { status: 400, code: 'INVALID_TOKEN', message: 'Invalid token' };
const toldByRedirect = {
  code_expired: deadLink,
  code_address_changed: deadLink,
  sign_up_disabled: { ...deadLink, code: 'new_user_signup_disabled', message: 'New user sign up is disabled' },
};

function entered(call: BetterAuthCall, given: Followed, { admission, isNewUser }: MailboxEntry): Answer {
  const { settings } = call;
  const wantsJson = !given.callbackURL && !isSeen(call);
  if (admission.kind === 'second_factor_required') {
    if (wantsJson) return twoFactorAnswer(call, admission);
    setChallenge(call, admission);
    return redirectTo(ownUrl(settings.baseUrl, secondFactorPath));
  }
  const { live, token } = admission;
  call.sendSession(token, live.session);
  keepTrust(call, admission.deviceTrust);
  if (wantsJson) {
    const session = sessionWire(live.session, token, call);
    return json({ token, user: userWire(live.user, settings), session });
  }
  const target = (isNewUser && given.newUserCallbackURL) || given.callbackURL;
  return goOn(call, target, () => signedInPage(call));
}
