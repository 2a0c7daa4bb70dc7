import { type Static, Type } from 'typebox';
import { opaqueToken } from '../../../base/random.ts';
import { Refusal } from '../../../base/refusal.ts';
import { absoluteUrl, homePath, ownUrl, type TrustedUrl, withQuery } from '../../../core/return-urls.ts';
import type { MailboxEntry } from '../../../core/sign-in/enter-by-mailbox.ts';
import { requestMailLink } from '../../../core/sign-in/request-mail-link.ts';
import { readSignInLink, signInWithLink } from '../../../core/sign-in/sign-in-with-link.ts';
import { type Answer, json } from '../../kit/answer.ts';
import { errorPage } from '../../pages/message-pages.ts';
import { signInLinkPage } from '../../pages/sign-in-link-page.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { redirectCode, type WireError, wireErrorOf } from '../errors.ts';
import { formSourceOf, magicLink, redirectTo } from '../links.ts';
import { returnUrl, sessionSchema, statusSchema, userSchema } from '../schemas.ts';
import { keepTrust, setChallenge, trustToken, twoFactorAnswer } from '../two-factor-challenge.ts';
import { sessionWire, userWire } from '../wire.ts';
import { secondFactorPath } from './second-factor-page.ts';

const tag = 'Magic-link';
const cookie = 'magic_link';
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
      link: magicLink(call.settings, body),
      browserToken: rememberBrowser(call),
    });
    return json({ status: true });
  },
});

/** Links asked for before stay this browser's too. */
function rememberBrowser(call: BetterAuthCall): string {
  const token = browserToken(call) ?? opaqueToken(call.ctx.random);
  const seconds = call.ctx.surface.codes.signInLinkSeconds;
  call.keepSigned(cookie, token, seconds);
  return token;
}

const browserToken = (call: BetterAuthCall): string | null =>
  call.signed.verify(call.cookies[call.signed.name(cookie)]);

const followed = Type.Object({ token: Type.String(), ...ends });
type Followed = Static<typeof followed>;

const signedIn = Type.Union([
  Type.Object({ token: Type.String(), user: userSchema, session: sessionSchema }),
  Type.Object({ twoFactorRedirect: Type.Literal(true), twoFactorMethods: Type.Array(Type.String()) }),
]);

export const verifyMagicLink = endpoint('GET /magic-link/verify', {
  needs: 'nobody',
  operationId: 'verifyMagicLink',
  summary: 'The mailed link: signs in the browser that asked, and asks any other first',
  tag,
  query: followed,
  replies: { 200: signedIn, 302: null },
  refusals: { method_disabled: notHere },
  handle: (call) => follow(call, call.query, false),
});

/** What the page's button posts. */
export const confirmMagicLink = endpoint('POST /magic-link/verify', {
  needs: 'nobody',
  operationId: 'confirmMagicLink',
  summary: 'The same, by somebody who pressed the button',
  tag,
  hidden: true,
  acceptsForms: true,
  body: followed,
  replies: { 200: signedIn, 302: null },
  refusals: { method_disabled: notHere },
  handle: (call) => follow(call, call.body, true),
});

const confirmPath = '/magic-link/confirm';

export const showConfirmPage = endpoint(`GET ${confirmPath}`, {
  needs: 'nobody',
  operationId: 'magicLinkPage',
  summary: 'Page with a button that signs in',
  tag,
  hidden: true,
  query: followed,
  replies: { 200: null },
  async handle(call) {
    const nonce = Buffer.from(call.ctx.random.bytes(16)).toString('base64url');
    const fields = Object.fromEntries(Object.entries(call.query).filter(([name]) => name in followed.properties));
    try {
      const { address } = await readSignInLink(call.ctx, call.query.token);
      return signInLinkPage({
        nonce,
        address,
        application: call.ctx.project.displayName,
        action: `${new URL(call.settings.baseUrl).pathname}/magic-link/verify`,
        fields: fields as Record<string, string>,
        formMayLeadTo: Object.keys(ends).flatMap((name) => formSourceOf(fields[name] as TrustedUrl | undefined)),
      });
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      const code = refusal.code === 'code_expired' ? 'TOKEN_EXPIRED' : 'INVALID_TOKEN';
      return errorPage({ code, nonce, home: call.ctx.publicUrl, status: 400 });
    }
  },
});

async function follow(call: BetterAuthCall, given: Followed, confirmed: boolean): Promise<Answer> {
  try {
    const outcome = await signInWithLink(call.ctx, await call.actor(), {
      token: given.token,
      browserToken: browserToken(call),
      confirmed,
      trustToken: trustToken(call),
      returnTo: given.callbackURL ?? null,
    });
    return outcome.kind === 'must_confirm' ? askFirst(call, given) : entered(call, given, outcome);
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || refusal.code === 'method_disabled') throw refusal;
    const error = redirectCode(wireErrorOf(refusal.code, refusal.detail, toldByRedirect), call.settings.errorCodes);
    const target = given.errorCallbackURL || given.callbackURL || homePath;
    return redirectTo(withQuery(absoluteUrl(call.settings.baseUrl, target), { error }));
  }
}

/** Upstream tells every dead link alike, whatever it died of. */
const deadLink: WireError = { status: 400, code: 'INVALID_TOKEN', message: 'Invalid token' };
const toldByRedirect = {
  code_expired: deadLink,
  code_address_changed: deadLink,
  sign_up_disabled: { ...deadLink, code: 'new_user_signup_disabled', message: 'New user sign up is disabled' },
};

function askFirst(call: BetterAuthCall, given: Followed): Answer {
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return redirectTo(withQuery(ownUrl(call.settings.baseUrl, confirmPath), query as Record<string, string>));
}

function entered(call: BetterAuthCall, given: Followed, { admission, isNewUser }: MailboxEntry): Answer {
  const { settings } = call;
  const wantsJson = !given.callbackURL;
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
  const target = (isNewUser && given.newUserCallbackURL) || given.callbackURL!;
  return redirectTo(absoluteUrl(settings.baseUrl, target));
}
