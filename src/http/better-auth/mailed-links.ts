import { opaqueToken } from '../../base/random.ts';
import { Refusal } from '../../base/refusal.ts';
import {
  type LinkPurpose,
  type LinkState,
  linkAddress,
  mailedLinks,
  visitLink,
} from '../../core/codes/mailed-links.ts';
import { type TrustedUrl, withQuery } from '../../core/return-urls.ts';
import { type Answer, json } from '../kit/answer.ts';
import { isSeen, visitedBy } from '../kit/link-visit.ts';
import { logRefusal } from '../kit/log-refusal.ts';
import { askingPage, type ButtonForm, deadLinkPage, linkDonePage, wrongAccountPage } from '../pages/link-pages.ts';
import type { BetterAuthCall } from './call.ts';
import { redirectCode, spellCode, type WireError, wireErrorOf } from './errors.ts';
import { type GivenEnds, goOn, landing, landingIfGiven } from './landing.ts';
import { formSourceOf, redirectTo } from './links.ts';

const cookie = 'mail_link';

/** Has the browser remember that it asked for a mail. Links asked for before stay this browser's too. */
export function rememberBrowser(call: BetterAuthCall, token: string = browserTokenFor(call)): string {
  const { emailVerificationSeconds, signInLinkSeconds } = call.ctx.surface.codes;
  call.keepSigned(cookie, token, Math.max(emailVerificationSeconds, signInLinkSeconds));
  return token;
}

/** What the browser kept, or what it may be given. */
export const browserTokenFor = (call: BetterAuthCall): string => browserToken(call) ?? opaqueToken(call.ctx.random);

const browserToken = (call: BetterAuthCall): string | null =>
  call.signed.verify(call.cookies[call.signed.name(cookie)]);

export interface Following {
  /** Below the base URL, of the link and of what its button posts to. */
  readonly path: string;
  /** What links at this address may be for. */
  readonly purposes: readonly [LinkPurpose, ...LinkPurpose[]];
  readonly token: string;
  readonly ends: GivenEnds;
  /** Dead links and other refusals where they are told otherwise. */
  readonly refusals?: Parameters<typeof wireErrorOf>[2];
  /** Does what the link is for. */
  act(purpose: LinkPurpose): Promise<Answer>;
  /** What a program is answered that follows it again. */
  repeated(purpose: LinkPurpose): Answer | Promise<Answer>;
  /** False: applications are told nothing by their address to go on to. */
  readonly refusedByRedirect?: boolean;
  /** What a program is answered when nothing came of it. */
  refused(refusal: Refusal, error: WireError): Answer;
}

/** One way for every mailed link: acts, asks first, says that it is done, or says why nothing happens. */
export async function followLink(call: BetterAuthCall, link: Following): Promise<Answer> {
  const visit = { actor: await call.actor(), by: visitedBy(call), browserToken: browserToken(call) };
  const found = await visitLink(call.ctx, link.purposes, link.token, visit);
  if (found.state === 'ask') return ask(call, link, found);
  const done = () => finished(call, found.purpose, link.ends.callbackURL, () => link.repeated(found.purpose));
  if (found.state === 'done') return done();
  try {
    if (found.state === 'dead') throw found.refusal;
    if (found.state === 'wrong_account') throw anotherAccount();
    return await link.act(found.purpose);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    // Of several clicks at once one acts, and the others come too late to what it did.
    const now = found.state === 'go' ? await visitLink(call.ctx, [found.purpose], link.token, visit) : found;
    if (now.state === 'done') return done();
    return refused(call, link, found.purpose, refusal);
  }
}

const anotherAccount = () => new Refusal('code_not_found', { field: 'user', why: 'another person is signed in' });

/** Where a link leads that did what it is for. @param wire what a program is answered that named no place to go on to */
export function finished(
  call: BetterAuthCall,
  purpose: LinkPurpose,
  target: TrustedUrl | undefined,
  wire: () => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  const ours = () => linkDonePage({ ctx: call.ctx, nonce: nonce(call), purpose });
  if (target) return goOn(call, target, ours);
  return isSeen(call) ? ours() : wire();
}

/** Where somebody lands who has signed in, and nobody knows for which application. */
export const signedInPage = (call: BetterAuthCall): Answer =>
  linkDonePage({ ctx: call.ctx, nonce: nonce(call), purpose: 'sign_in_link' });

function ask(call: BetterAuthCall, link: Following, found: Extract<LinkState, { code: unknown }>): Answer {
  const form = formOf(call, link, link.path);
  const { callbackURL, newUserCallbackURL, errorCallbackURL } = link.ends;
  return askingPage({
    ctx: call.ctx,
    nonce: nonce(call),
    purpose: found.purpose,
    form,
    address: linkAddress(call.ctx, found),
    formMayLeadTo: [callbackURL, newUserCallbackURL, errorCallbackURL].flatMap((url) =>
      formSourceOf(landingIfGiven(call, url)),
    ),
  });
}

function formOf(call: BetterAuthCall, { token, ends }: Pick<Following, 'token' | 'ends'>, path: string): ButtonForm {
  const { callbackURL, newUserCallbackURL, errorCallbackURL } = ends;
  const given = Object.entries({ callbackURL, newUserCallbackURL, errorCallbackURL }).filter(([, url]) => url);
  const fields = given.map(([name, url]) => [name, landing(call, url) ?? url!] as const);
  return {
    action: `${new URL(call.settings.baseUrl).pathname}${path}`,
    fields: { token, ...Object.fromEntries(fields) },
  };
}

export const newLinkPath = '/new-link';

function refused(call: BetterAuthCall, link: Following, purpose: LinkPurpose, refusal: Refusal): Answer {
  logRefusal(call.request, refusal, 'Better Auth');
  const error = wireErrorOf(refusal.code, refusal.detail, link.refusals);
  const { errorCallbackURL, callbackURL } = link.ends;
  const asked = (link.refusedByRedirect ?? true) ? errorCallbackURL || callbackURL : undefined;
  const target = asked ? landing(call, asked) : null;
  const code = redirectCode(error, call.settings.errorCodes);
  if (target !== null) return redirectTo(withQuery(target, { error: code }));
  if (!asked && !isSeen(call)) return link.refused(refusal, error);
  return refusedPage(call, purpose, link, refusal);
}

/** What a person sees of a link that came to nothing, where there is no application to go back to. */
export function refusedPage(
  call: BetterAuthCall,
  purpose: LinkPurpose,
  link: Pick<Following, 'token' | 'ends'>,
  refusal: Refusal,
): Answer {
  const shown = { ctx: call.ctx, nonce: nonce(call), purpose };
  if (refusal.code === 'code_not_found' && refusal.detail.field === 'user') return wrongAccountPage(shown);
  const code = refusal.code === 'code_expired' ? 'TOKEN_EXPIRED' : wireErrorOf(refusal.code, refusal.detail).code;
  const again = mailedLinks[purpose].again ? formOf(call, link, newLinkPath) : null;
  return deadLinkPage({ ...shown, code, again });
}

/** A refusal as JSON. */
export const told = (call: BetterAuthCall, { message, code }: WireError, status: number): Answer =>
  json({ message, code: spellCode(code, call.settings.errorCodes) }, status);

export const nonce = (call: BetterAuthCall): string => Buffer.from(call.ctx.random.bytes(16)).toString('base64url');
