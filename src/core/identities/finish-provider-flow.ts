import { timingSafeEqual } from 'node:crypto';
import type { Id } from '../../base/ids.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import { findCode } from '../codes/codes.ts';
import type { Context } from '../context.ts';
import type { LinkTemplate } from '../mail/mail.ts';
import type { Admission } from '../sessions/admit-user.ts';
import type { Reads } from '../store.ts';
import type { JsonObject, Person } from '../users/user.ts';
import { enterByProvider, retryingConflict } from './enter-by-provider.ts';
import type { Identity } from './identity.ts';
import { linkIdentity } from './link-identity.ts';
import { endsOf, type FlowEnds, type ProviderFlow, readFlow } from './provider-flow.ts';
import { findProvider } from './provider-visit.ts';

export interface FinishProviderFlow {
  /** As the callback's path names it. */
  readonly provider: string;
  readonly state: string | null;
  readonly browserToken: string | null;
  readonly code: string | null;
  readonly error: string | null;
  readonly errorDescription: string | null;
  readonly issuer: string | null;
  readonly userHint: JsonObject | null;
  readonly verificationLink: LinkTemplate | null;
}

export type FlowOutcome =
  | Refusal
  | {
      readonly kind: 'signed_in';
      readonly person: Person;
      readonly admission: Admission;
      readonly isNewUser: boolean;
    }
  | { readonly kind: 'linked'; readonly identity: Identity };

export interface FinishedFlow {
  /** Null when the state leads to no flow. Known for refusals too: they are told at its `errorReturnTo`. */
  readonly flow: FlowEnds | null;
  readonly outcome: FlowOutcome;
}

/**
 * The browser is back from the provider. Order: state → browser → spent → provider → its error → code → exchange →
 * profile → link or sign in.
 * Refusals are returned, for the browser is sent on either way: flow_not_found (`field`: `state` none was sent, `flow`
 * unknown, expired or used, `browser`, `provider`, `session`, `issuer`), provider_denied, provider_not_found,
 * provider_code_rejected (`field: code` when none was sent), provider_*, and what linking, sign-up and the gate refuse.
 */
export async function finishProviderFlow(ctx: Context, actor: Actor, input: FinishProviderFlow): Promise<FinishedFlow> {
  if (input.state === null || input.state === '') {
    return { flow: null, outcome: refuse('flow_not_found', { field: 'state', why: 'no state' }) };
  }
  const taken = await takeFlow(ctx, input.state, input);
  if (taken instanceof Refusal) return { flow: null, outcome: taken };
  const { flow, refused } = taken;
  return { flow: endsOf(flow), outcome: refused ?? (await asOutcome(() => goOn(ctx, actor, input, taken))) };
}

interface TakenFlow {
  readonly flow: ProviderFlow;
  readonly refused: Refusal | null;
  readonly linking: { readonly userId: Id; readonly sessionId: Id } | null;
}

/** Spends the state, whoever brings it: a state seen in another browser is worth nothing afterwards. */
const takeFlow = (ctx: Context, state: string, input: FinishProviderFlow): Promise<TakenFlow | Refusal> =>
  ctx.store.transaction(async (tx) => {
    const code = await findCode(ctx, tx, 'provider_flow', state);
    if (code instanceof Refusal) return refuse('flow_not_found', { field: 'flow', why: code.code });
    if (!(await tx.codes.spend(code.id, ctx.clock.now())))
      return refuse('flow_not_found', { field: 'flow', why: 'race' });
    const flow = readFlow(ctx, code);
    const linking = code.userId && code.sessionId ? { userId: code.userId, sessionId: code.sessionId } : null;
    const sameBrowser =
      input.browserToken !== null &&
      timingSafeEqual(ctx.vault.digest(input.browserToken), code.browserHash ?? code.valueHash);
    const field = !sameBrowser
      ? 'browser'
      : flow.provider !== input.provider || flow.surface !== ctx.surface.name
        ? 'provider'
        : null;
    return {
      flow,
      linking,
      refused: field === null ? null : refuse('flow_not_found', { field, why: `another ${field}` }),
    };
  });

async function goOn(
  ctx: Context,
  actor: Actor,
  input: FinishProviderFlow,
  { flow, linking }: TakenFlow,
): Promise<FlowOutcome> {
  if (input.error !== null && input.error !== '') return denied(input);
  if (input.code === null || input.code === '')
    return refuse('provider_code_rejected', { field: 'code', why: 'no code' });
  const provider = findProvider(ctx, flow.provider, flow.intent);
  if (linking && !(await stillLinking(ctx, ctx.store.read, actor, linking))) return sessionGone();
  const { codeVerifier, nonce, redirectUri } = flow;
  const { issuer, userHint, code } = input;
  const visit = await provider.redeem({ code, redirectUri, codeVerifier, nonce, issuer, userHint });
  const known = { ...visit, facts: provider.facts };
  if (!linking) {
    const entry = await enterByProvider(ctx, actor, known, { ...flow, verificationLink: input.verificationLink });
    return entry instanceof Refusal ? entry : { kind: 'signed_in', ...entry };
  }
  const identity = await retryingConflict(() =>
    ctx.store.transaction(async (tx) =>
      (await stillLinking(ctx, tx, actor, linking))
        ? linkIdentity(ctx, tx, actor, linking.userId, known)
        : sessionGone(),
    ),
  );
  return identity instanceof Refusal ? identity : { kind: 'linked', identity };
}

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

async function asOutcome(work: () => Promise<FlowOutcome>): Promise<FlowOutcome> {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof Refusal) return fault;
    throw fault;
  }
}
