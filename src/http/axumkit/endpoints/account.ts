import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { type ProfileChange, updateProfile } from '../../../core/users/update-profile.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { filledText, nullable } from '../schemas.ts';
import { meWire } from '../wire.ts';
import { profile } from './profiles.ts';

const me = Type.Object({ ...profile, email: Type.String() });

export const getMe = endpoint('GET /v0/user/me', {
  needs: 'user',
  operationId: 'getMyProfile',
  summary: 'The profile of the signed-in user',
  tag: 'User',
  replies: { 200: me },
  handle: (call, me) => json(meWire(call, me.live.user)),
});

export const patchMe = endpoint('PATCH /v0/user/me', {
  needs: 'user',
  operationId: 'updateMyProfile',
  summary: 'Change the profile; what is absent stays, and a null clears the bio',
  tag: 'User',
  body: Type.Object({
    display_name: Type.Optional(nullable(filledText(1, 50))),
    bio: Type.Optional(nullable(filledText(1, 500))),
    // As long as any may be: one's own, chosen over another API, comes back. The core bounds a new one.
    handle: Type.Optional(nullable(filledText(3, 30))),
  }),
  replies: { 200: me },
  async handle(call, me) {
    const { display_name: displayName, bio, handle } = call.body;
    const change: ProfileChange = {
      // Everybody has a name here: a null leaves it alone.
      ...(displayName != null && { displayName }),
      ...(bio !== undefined && { bio }),
      ...(handle != null && { username: handle }),
    };
    if (Object.keys(change).length === 0) {
      const person = await call.ctx.store.read.users.find(me.live.user.id);
      if (!person) throw new Refusal('user_not_found');
      return json(meWire(call, person));
    }
    return json(meWire(call, await updateProfile(call.ctx, me, change)));
  },
});
