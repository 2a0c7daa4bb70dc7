import { type Static, Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import type { UserActor } from '../../../core/actor.ts';
import { checkDeletionByLink, deleteUserByLink, requestUserDeletion } from '../../../core/users/delete-user.ts';
import { updateProfile } from '../../../core/users/update-profile.ts';
import type { Person } from '../../../core/users/user.ts';
import { type Answer, json } from '../../kit/answer.ts';
import { isSeen } from '../../kit/link-visit.ts';
import { signInFirstPage } from '../../pages/link-pages.ts';
import { ownFields } from '../additional-fields.ts';
import type { BetterAuthCall } from '../call.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { landing } from '../landing.ts';
import { deletionLink } from '../links.ts';
import { finished, followLink, nonce, told } from '../mailed-links.ts';
import { returnUrl, statusSchema } from '../schemas.ts';
import { pictureOf, profileFields, refuseServerManaged, textOrNone } from '../user-fields.ts';

export const updateUser = endpoint('POST /update-user', {
  needs: 'user_or_key',
  operationId: 'updateUser',
  summary: 'Change name, picture, username or additional fields',
  tag: 'Default',
  body: Type.Object({ name: Type.Optional(Type.String()), ...profileFields }),
  replies: { 200: statusSchema },
  async handle(call, me) {
    const { body, settings } = call;
    if ((body as { email?: unknown }).email) {
      throw new Refusal('field_not_allowed', { field: 'email' });
    }
    refuseServerManaged(body);
    const metadataClient = ownFields(body, settings);
    await updateProfile(call.ctx, me, {
      displayName: body.name,
      ...pictureOf(body.image),
      ...usernames(me.live.user, body),
      ...(metadataClient && { metadataClient }),
    });
    if (me.kind === 'user') call.sendSession(call.token, me.live.session);
    return json({ status: true });
  },
});

/** A username that comes back as it was shown leaves what it is displayed as alone. */
function usernames(
  { usernameNormal, usernameDisplay }: Person,
  body: { username?: string | null; displayUsername?: string | null },
) {
  const { username } = body;
  const display = textOrNone(body.displayUsername);
  const unchanged = display === undefined && username != null && username === usernameNormal;
  return { username, usernameDisplay: unchanged ? usernameDisplay : display };
}

const deleted = Type.Object({ success: Type.Boolean(), message: Type.String() });
const tokenGone: WireError = { status: 404, code: 'INVALID_TOKEN', message: 'Invalid token' };
const badLink = {
  code_not_found: tokenGone,
  code_expired: tokenGone,
  code_used: tokenGone,
};

export const deleteUser = endpoint('POST /delete-user', {
  needs: 'user',
  operationId: 'deleteUser',
  summary: 'Delete the user: with a password, a fresh session or a mailed token',
  tag: 'Default',
  bodyOptional: true,
  body: Type.Object({
    callbackURL: returnUrl('Where the mailed link goes on to'),
    password: Type.Optional(Type.String()),
    token: Type.Optional(Type.String()),
  }),
  replies: { 200: deleted },
  refusals: {
    ...badLink,
    session_not_fresh: {
      status: 400,
      code: 'SESSION_EXPIRED',
      message: 'Session expired. Re-authenticate to perform this action.',
    },
  },
  async handle(call, me) {
    const { token, password, callbackURL } = call.body;
    if (token !== undefined && password === undefined) {
      await deleteUserByLink(call.ctx, me, token);
    } else {
      const link = deletionLink(call.settings, landing(call, callbackURL));
      const done = await requestUserDeletion(call.ctx, me, { password: password ?? null, link });
      if (done === 'mailed') return json({ success: true, message: 'Verification email sent' });
    }
    call.clearSession();
    return json({ success: true, message: 'User deleted' });
  },
});

const callbackPath = '/delete-user/callback';
const followed = Type.Object({ token: Type.String(), callbackURL: returnUrl('Where to go on to') });
type Followed = Static<typeof followed>;

const signedOut = {
  ...badLink,
  not_signed_in: { status: 404, code: 'FAILED_TO_GET_USER_INFO', message: 'Failed to get user info' },
};

/** A person who opens the link signed out sees what to do. */
const refusedPage = (call: BetterAuthCall, refusal: Refusal): Answer | null => {
  const shown = { ctx: call.ctx, nonce: nonce(call), purpose: 'user_deletion' } as const;
  return refusal.code === 'not_signed_in' && isSeen(call) ? signInFirstPage(shown) : null;
};

export const deleteUserCallback = endpoint(`GET ${callbackPath}`, {
  needs: 'user',
  fromStore: true,
  operationId: 'deleteUserCallback',
  summary: 'The mailed link: deletes the signed-in user',
  tag: 'Default',
  query: followed,
  replies: { 200: deleted, 302: null },
  refusals: signedOut,
  refusedPage,
  handle: (call, me) => follow(call, me, call.query),
});

/** What the page's button posts. */
export const confirmDeleteUser = endpoint(`POST ${callbackPath}`, {
  needs: 'user',
  fromStore: true,
  operationId: 'confirmDeleteUser',
  summary: 'The same, by somebody who pressed the button',
  tag: 'Default',
  hidden: true,
  acceptsForms: true,
  body: followed,
  replies: { 200: deleted, 302: null },
  refusals: signedOut,
  refusedPage,
  handle: (call, me) => follow(call, me, call.body),
});

const follow = (call: BetterAuthCall, me: UserActor, { token, callbackURL }: Followed): Promise<Answer> => {
  checkDeletionByLink(call.ctx, me);
  return followLink(call, {
    path: callbackPath,
    purposes: ['user_deletion'],
    token,
    ends: { callbackURL },
    refusals: signedOut,
    async act(purpose) {
      await deleteUserByLink(call.ctx, me, token);
      call.clearSession();
      return finished(call, purpose, callbackURL, () => json({ success: true, message: 'User deleted' }));
    },
    repeated: () => json({ success: true, message: 'User deleted' }),
    // Upstream goes on nowhere with what went wrong.
    refused: (_refusal, error) => told(call, error, error.status),
    refusedByRedirect: false,
  });
};
