import { timingSafeEqual } from 'node:crypto';
import type { Id } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import { asOutcome, Refusal, refuse } from '../../base/refusal.ts';
import { act, asBearer } from '../acting.ts';
import type { Actor, UserActor } from '../actor.ts';
import { findCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import type { WayIn } from '../credentials/way-in.ts';
import type { LinkTemplate } from '../mail/mail.ts';
import { issueOuterCode } from '../oauth/issue-outer-code.ts';
import type { OuterRequest } from '../oauth/outer-request.ts';
import { checkCodeReturn } from '../return-urls.ts';
import type { Admission } from '../sessions/admit-user.ts';
import { checkSessionById } from '../sessions/check-session.ts';
import type { Reads, Tx } from '../store.ts';
import { enterAnew } from '../users/enter-anew.ts';
import type { Person } from '../users/user.ts';
import { enterByProvider, retryingConflict } from './enter-by-provider.ts';
import { holdVisit } from './hold-visit.ts';
import type { Identity } from './identity.ts';
import { linkIdentity, linkRefusal } from './link-identity.ts';
import type { ProviderTokens } from './provider.ts';
import { endsOf, type FlowEnds, type ProviderFlow, readFlow } from './provider-flow.ts';
import { findProvider, type ProviderVisit } from './provider-visit.ts';

export interface FinishProviderFlow {
  /** As the callback's path names it. */
  readonly provider: string;
  /** What the surface finishes here; a flow begun for another purpose is refused. */
  readonly intent?: ProviderFlow['intent'];
  readonly state: string | null;
  readonly browserToken: string | null;
  readonly code: string | null;
  readonly error: string | null;
  readonly errorDescription: string | null;
  readonly issuer: string | null;
  readonly userHint: JsonObject | null;
  /** `device_id` of the response. */
  readonly deviceId?: string | null;
  readonly verificationLink: LinkTemplate | null;
  /** Also where configuration does not ask for it. */
  readonly requireVerifiedEmail?: boolean;
}

export type FlowOutcome =
  | Refusal
  | {
      readonly kind: 'signed_in';
      readonly person: Person;
      readonly admission: Admission;
      readonly isNewUser: boolean;
    }
  /** Somebody new, who has to choose a username: what `completeProviderSignUp` takes. */
  | { readonly kind: 'sign_up_pending'; readonly token: string; readonly email: string; readonly name: string | null }
  /** With a new session for whoever was anonymous until now. */
  | { readonly kind: 'linked'; readonly identity: Identity; readonly admission: Admission | null }
  /** What a client gets that asked for this: see `redeemOuterCode`. */
  | { readonly kind: 'code_issued'; readonly code: string };

export interface FinishedFlow {
  /** Null when the state leads to no flow. Known for refusals too: they are told at its `errorReturnTo`. */
  readonly flow: FlowEnds | null;
  readonly outcome: FlowOutcome;
}

/**
 * The browser is back from the provider. Order: state → browser → spent → provider → its error → code → exchange →
 * profile → link or sign in.
 * Refusals are returned, for the browser is sent on either way: flow_not_found (`field`: `state` none was sent, `flow`
 * unknown, expired or used, `expired` when a client waits for it, `browser`, `provider`, `intent`, `session`,
 * `issuer`), return_url_untrusted (the client's), provider_denied, provider_not_found,
 * provider_code_rejected (`field: code` when none was sent), provider_*, and what linking, sign-up and the gate refuse.
 */
export async function finishProviderFlow(ctx: Context, actor: Actor, input: FinishProviderFlow): Promise<FinishedFlow> {
  if (input.state === null || input.state === '') {
    return { flow: null, outcome: refuse('flow_not_found', { field: 'state', why: 'no state' }) };
  }
  const taken = await takeFlow(ctx, actor, input.state, input);
  if (taken instanceof Refusal) return { flow: null, outcome: taken };
  const { flow, refused } = taken;
  return { flow: endsOf(flow), outcome: refused ?? (await asOutcome(goOn(ctx, actor, input, taken))) };
}

interface Bound {
  readonly userId: Id;
  readonly sessionId: Id;
}

interface TakenFlow {
  readonly flow: ProviderFlow;
  readonly refused: Refusal | null;
  readonly linking: Bound | null;
  /** Who was anonymous when the flow began and becomes the person who comes. */
  readonly upgrading: Bound | null;
}

/** Spends the state, whoever brings it: a state seen in another browser is worth nothing afterwards. */
const takeFlow = (ctx: Context, actor: Actor, state: string, input: FinishProviderFlow): Promise<TakenFlow | Refusal> =>
  asBearer(ctx, { credential: 'provider' }, async (tx) => {
    const code = await findCode(ctx, tx, 'provider_flow', state);
    if (code instanceof Refusal) return (await expiredFlow(ctx, tx, state, code)) ?? unknownFlow(code);
    if (!(await tx.codes.spend(code.id, ctx.clock.now())))
      return refuse('flow_not_found', { field: 'flow', why: 'race' });
    const flow = readFlow(ctx, code);
    const bound = code.userId && code.sessionId ? { userId: code.userId, sessionId: code.sessionId } : null;
    const linking = flow.intent === 'link' ? (bound ?? linkerOf(actor)) : null;
    const sameBrowser =
      !flow.browserBound ||
      (input.browserToken !== null &&
        timingSafeEqual(ctx.vault.digest(input.browserToken), code.browserHash ?? code.valueHash));
    const field = !sameBrowser
      ? 'browser'
      : flow.provider !== input.provider || flow.surface !== ctx.surface.name
        ? 'provider'
        : input.intent !== undefined && flow.intent !== input.intent
          ? 'intent'
          : flow.intent === 'link' && linking === null
            ? 'session'
            : null;
    return {
      flow,
      linking,
      upgrading: flow.intent === 'sign_in' ? bound : null,
      refused: field === null ? null : refuse('flow_not_found', { field, why: `another ${field}` }),
    };
  });

const unknownFlow = (why: Refusal): Refusal => refuse('flow_not_found', { field: 'flow', why: why.code });

/** A client that waits is told that its flow took too long. */
async function expiredFlow(ctx: Context, tx: Tx, state: string, { code }: Refusal): Promise<TakenFlow | null> {
  if (code !== 'code_expired') return null;
  const found = await tx.codes.find('provider_flow', ctx.vault.digest(state));
  const flow = found && readFlow(ctx, found);
  const refused = refuse('flow_not_found', { field: 'expired', why: code });
  return flow?.outer ? { flow, refused, linking: null, upgrading: null } : null;
}

const linkerOf = (actor: Actor): TakenFlow['linking'] =>
  actor.kind === 'user' ? { userId: actor.live.user.id, sessionId: actor.live.session.id } : null;

async function goOn(
  ctx: Context,
  actor: Actor,
  input: FinishProviderFlow,
  { flow, linking, upgrading }: TakenFlow,
): Promise<FlowOutcome> {
  const { outer } = flow;
  if (outer) checkCodeReturn(ctx, outer.redirectUri, 'redirect_uri');
  if (input.error !== null && input.error !== '') return denied(input);
  if (input.code === null || input.code === '')
    return refuse('provider_code_rejected', { field: 'code', why: 'no code' });
  const provider = findProvider(ctx, flow.provider, flow.intent);
  if (linking && !(await stillLinking(ctx, ctx.store.read, actor, linking))) return sessionGone();
  const { codeVerifier, nonce, redirectUri } = flow;
  const { issuer, userHint, code, deviceId = null } = input;
  const visit = await provider.redeem({ code, redirectUri, codeVerifier, nonce, issuer, userHint, deviceId });
  const requireVerifiedEmail = provider.facts.requireVerifiedEmail || input.requireVerifiedEmail === true;
  const facts = { ...provider.facts, requireVerifiedEmail };
  const known = { ...visit, facts, tokens: withAskedScopes(visit.tokens, facts.scopes, flow) };
  if (!linking) {
    const { verificationLink, browserToken } = input;
    const comer = upgrading ? await anonymousComer(ctx, actor, upgrading) : actor;
    const entry = await enterByProvider(ctx, comer, known, { ...flow, verificationLink, browserToken });
    return entry instanceof Refusal || 'kind' in entry ? entry : { kind: 'signed_in', ...entry };
  }
  return retryingConflict(() =>
    asLinker(ctx, actor, linking, async (tx, linker, way): Promise<FlowOutcome> => {
      if (outer) return codeToLink(ctx, tx, outer, linking, known);
      const linked = await linkIdentity(ctx, tx, linker, linking.userId, known, way);
      if (linked instanceof Refusal) return linked;
      const { identity, upgraded } = linked;
      const admission = upgraded ? await enterAnew(ctx, tx, linker, linking.userId, 'provider') : null;
      return { kind: 'linked', identity, admission };
    }),
  );
}

/** Linking rests on the session that asked for it, and owes the proof that linking does. */
async function asLinker<T>(
  ctx: Context,
  actor: Actor,
  { userId, sessionId }: Bound,
  work: (tx: Tx, linker: UserActor, way: WayIn) => Promise<T | Refusal>,
): Promise<T | Refusal> {
  const live = await ctx.store.read.sessions.findLive(sessionId);
  if (live?.user.id !== userId) return sessionGone();
  const linker: UserActor = { kind: 'user', from: actor.from, live };
  const outcome = await asOutcome(
    act(ctx, linker, { change: 'identity_linked' }, (tx, me) => work(tx, linker, { strongFrom: me.strongFrom() })),
  );
  return outcome instanceof Refusal && outcome.code === 'not_signed_in' ? sessionGone() : outcome;
}

/** Not linked yet: anybody may have sent this browser to the provider. The client that asked shows its code for it. */
async function codeToLink(
  ctx: Context,
  tx: Tx,
  request: OuterRequest,
  { userId, sessionId }: Bound,
  visit: ProviderVisit,
): Promise<FlowOutcome> {
  const refused = await linkRefusal(ctx, tx, userId, visit);
  if (refused) return refused;
  const linking = { sessionId, visit: holdVisit(visit) };
  return {
    kind: 'code_issued',
    code: await issueOuterCode(ctx, tx, { request, userId, isNewUser: false, strongFrom: null, linking }),
  };
}

/** Whoever began the flow without being anybody, if they still are nobody. */
async function anonymousComer(ctx: Context, actor: Actor, { userId, sessionId }: Bound): Promise<Actor> {
  const live = await checkSessionById(ctx, sessionId, { fromStore: true });
  const same = !(live instanceof Refusal) && live.user.id === userId && live.user.anonymous;
  return same ? { kind: 'user', from: actor.from, live } : actor;
}

/** A provider that does not name the scopes of a token granted what was asked for (RFC 6749 §5.1). */
const withAskedScopes = (tokens: ProviderTokens, own: readonly string[], { extraScopes }: ProviderFlow) =>
  tokens.scopes.length > 0 ? tokens : { ...tokens, scopes: [...new Set([...own, ...extraScopes])] };

const maxProviderText = 300;

const denied = ({ error, errorDescription }: FinishProviderFlow): Refusal =>
  refuse('provider_denied', {
    providerError: error!.slice(0, maxProviderText),
    ...(errorDescription && { providerErrorDescription: errorDescription.slice(0, maxProviderText) }),
  });

const sessionGone = (): Refusal => refuse('flow_not_found', { field: 'session', why: 'the linking session is over' });

/** Linking rests on the session that asked for it: it must be live, and nobody else signed in here meanwhile. */
async function stillLinking(
  ctx: Context,
  reads: Pick<Reads, 'sessions'>,
  actor: Actor,
  linking: { readonly userId: Id; readonly sessionId: Id },
): Promise<boolean> {
  if (actor.kind === 'user' && actor.live.user.id !== linking.userId) return false;
  const session = await reads.sessions.find(linking.sessionId);
  const now = ctx.clock.now();
  return session !== null && session.userId === linking.userId && now < session.expiresAt && now < session.endsAt;
}
