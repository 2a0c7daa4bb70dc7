import { Type } from 'typebox';
import { checkUsername } from '../../../core/users/check-username.ts';
import { readPublicProfile } from '../../../core/users/read-public-profile.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { filledText, readUuid, time, uuid } from '../schemas.ts';
import { profileWire } from '../wire.ts';

export const profile = {
  id: Type.String(),
  handle: Type.String(),
  display_name: Type.String(),
  bio: Type.Optional(Type.String()),
  profile_image: Type.Optional(Type.String()),
  banner_image: Type.Optional(Type.String()),
  is_verified: Type.Boolean(),
  created_at: time,
};

export const profileByHandle = endpoint('GET /v0/users/profile', {
  needs: 'nobody',
  operationId: 'getUserProfile',
  summary: 'A public profile by handle',
  tag: 'User',
  // People of other dialects may have longer names than may be chosen here (core map U1).
  query: Type.Object({ handle: filledText(3, 30) }),
  replies: { 200: Type.Object(profile) },
  handle: async (call) => json(profileWire(call, await readPublicProfile(call.ctx, { username: call.query.handle }))),
});

export const profileById = endpoint('GET /v0/users/profile/id', {
  needs: 'nobody',
  operationId: 'getUserProfileById',
  summary: 'A public profile by id',
  tag: 'User',
  query: Type.Object({ user_id: uuid() }),
  replies: { 200: Type.Object(profile) },
  handle: async (call) =>
    json(profileWire(call, await readPublicProfile(call.ctx, { id: readUuid(call.query.user_id) }))),
});

export const handleAvailable = endpoint('GET /v0/users/handle/:handle/available', {
  needs: 'nobody',
  operationId: 'checkHandleAvailable',
  summary: 'Is a handle free?',
  tag: 'User',
  params: Type.Object({ handle: filledText(3, 20) }),
  replies: { 200: Type.Object({ available: Type.Boolean() }) },
  refusals: { method_disabled: { status: 404, code: 'system:not_found' } },
  handle: async (call) => json({ available: await checkUsername(call.ctx, call.visitor, call.params.handle) }),
});
