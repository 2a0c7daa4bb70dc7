import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../../core/actor.ts';
import type { Context } from '../../core/context.ts';
import { checkSessionById } from '../../core/sessions/check-session.ts';
import { readAccessToken } from '../../core/signing/access-token.ts';
import type { HexclaveCall } from './call.ts';
import { tokenDetail } from './open-call.ts';

/** The only scope of the outer flow: everything. */
export const outerScope = 'legacy';

/**
 * The project an OAuth client stands for: its id, and `main` where a branch is named (spec §1.6).
 * @throws Refusal client_rejected
 */
export async function contextOfClient(call: HexclaveCall, clientId: string): Promise<Context> {
  const [, projectId = '', branch = 'main'] = /^([^#]*)(?:#(.*))?$/.exec(clientId) ?? [];
  const project = branch === 'main' ? await call.ctx.directory.find(projectId) : null;
  if (!project) throw new Refusal('client_rejected', { given: clientId.slice(0, 200) });
  return project.context('hexclave');
}

/**
 * Whoever an access token in a query speaks of; nobody where its person is gone.
 * @throws Refusal access_token_*
 */
export async function bearerOf(call: HexclaveCall, ctx: Context, token: string): Promise<Actor> {
  const claims = await readAccessToken(ctx, token);
  if (claims instanceof Refusal) throw claims;
  const live = await checkSessionById(ctx, claims.refresh_token_id, { fromStore: true });
  if (!(live instanceof Refusal)) return { kind: 'user', from: call.from, live };
  if (await ctx.store.read.users.find(claims.sub)) {
    throw new Refusal('access_token_expired', { token: tokenDetail(claims) });
  }
  return { kind: 'anonymous', from: call.from };
}
