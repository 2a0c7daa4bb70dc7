import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { deleteUserByLink, requestUserDeletion } from '../../../core/users/delete-user.ts';
import { updateProfile } from '../../../core/users/update-profile.ts';
import { json } from '../../kit/answer.ts';
import { ownFields } from '../additional-fields.ts';
import { endpoint } from '../endpoint.ts';
import type { WireError } from '../errors.ts';
import { deletionLink, redirectTo } from '../links.ts';
import { returnUrl, statusSchema } from '../schemas.ts';
import { pictureOf, profileFields, refuseServerManaged } from '../user-fields.ts';

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
      username: body.username,
      usernameDisplay: body.displayUsername,
      ...(metadataClient && { metadataClient }),
    });
    if (me.kind === 'user') call.sendSession(call.token, me.live.session);
    return json({ status: true });
  },
});

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
      const link = deletionLink(call.settings, callbackURL);
      const done = await requestUserDeletion(call.ctx, me, { password: password ?? null, link });
      if (done === 'mailed') return json({ success: true, message: 'Verification email sent' });
    }
    call.clearSession();
    return json({ success: true, message: 'User deleted' });
  },
});

export const deleteUserCallback = endpoint('GET /delete-user/callback', {
  needs: 'user',
  operationId: 'deleteUserCallback',
  summary: 'The mailed link: deletes the signed-in user',
  tag: 'Default',
  query: Type.Object({ token: Type.String(), callbackURL: returnUrl('Where to go on to') }),
  replies: { 200: deleted, 302: null },
  refusals: {
    ...badLink,
    not_signed_in: { status: 404, code: 'FAILED_TO_GET_USER_INFO', message: 'Failed to get user info' },
  },
  async handle(call, me) {
    await deleteUserByLink(call.ctx, me, call.query.token);
    call.clearSession();
    const { callbackURL } = call.query;
    return callbackURL ? redirectTo(callbackURL) : json({ success: true, message: 'User deleted' });
  },
});
