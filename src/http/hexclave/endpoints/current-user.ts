import type { Policy } from '../../../core/policy.ts';
import type { LiveSession } from '../../../core/sessions/session.ts';
import { deleteOwnUser, deleteUserByAdmin } from '../../../core/users/delete-user.ts';
import { editUser } from '../../../core/users/edit-user.ts';
import { type Answer, json, Raw } from '../../kit/answer.ts';
import type { HexclaveCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import { success } from '../schemas.ts';
import { namesNobody } from '../team-errors.ts';
import { editOf, erasureRefusals, serverUserEdit, userEdit, userRefusals } from '../user-input.ts';
import { userSchema, userWire } from '../user-wire.ts';

const tag = 'Users';

/** What was last shown of a session's person, to clients and to servers. */
interface Rendered {
  /** Shown under these rules: a change of the project's configuration leaves sessions as they are. */
  readonly policy: Policy;
  client?: Raw;
  server?: Raw;
}

export const readCurrentUser = endpoint('GET /users/me', {
  needs: 'user',
  operationId: 'getCurrentUser',
  summary: 'The user the access token speaks of',
  tag,
  replies: { 200: userSchema },
  refusals: { not_signed_in: namesNobody },
  async handle(call, me): Promise<Answer> {
    if (call.readByPeople) return json(await userWire(call.ctx, me.live.user, { server: call.asServer }));
    return { status: 200, body: await rendered(call, me.live) };
  },
});

/** Rendered once for as long as neither person nor rules change: clients ask this before nearly everything they do. */
async function rendered(call: HexclaveCall, live: LiveSession): Promise<Raw> {
  const { policy } = call.ctx.project;
  const view = call.asServer ? 'server' : 'client';
  const known = live.rendered.hexclave as Rendered | undefined;
  const kept = known?.policy === policy ? known[view] : undefined;
  if (kept) return kept;
  const wire = await userWire(call.ctx, live.user, { server: call.asServer });
  const made = new Raw(JSON.stringify(wire), 'application/json; charset=utf-8');
  live.rendered.hexclave = { ...(known?.policy === policy && known), policy, [view]: made } satisfies Rendered;
  return made;
}

export const updateCurrentUser = endpoint('PATCH /users/me', {
  needs: 'user',
  operationId: 'updateCurrentUser',
  summary: 'Change the user the access token speaks of',
  tag,
  body: userEdit,
  serverBody: serverUserEdit,
  replies: { 200: userSchema },
  refusals: { ...userRefusals, not_signed_in: namesNobody },
  async handle(call, me) {
    const { id } = me.live.user;
    const person = await editUser(call.ctx, call.server ?? me, id, editOf(call, call.body));
    return json(await userWire(call.ctx, person, { server: call.asServer }));
  },
});

export const deleteCurrentUser = endpoint('DELETE /users/me', {
  needs: 'user',
  operationId: 'deleteCurrentUser',
  summary: 'Erase the user the access token speaks of',
  tag,
  replies: { 200: success },
  refusals: { ...erasureRefusals, not_signed_in: namesNobody },
  async handle(call, me) {
    if (call.server) await deleteUserByAdmin(call.ctx, call.server, me.live.user.id);
    else await deleteOwnUser(call.ctx, me);
    return json({ success: true });
  },
});
