import { Type } from 'typebox';
import type { Email } from '../../core/users/user.ts';

/** A contact channel (spec §2.10). */
export const channelWire = (email: Email) => ({
  id: email.id,
  user_id: email.userId,
  value: email.value,
  type: 'email',
  is_primary: email.isPrimary,
  is_verified: email.verifiedAt !== null,
  used_for_auth: email.usedForAuth,
});

export const channelSchema = Type.Object({
  id: Type.String(),
  user_id: Type.String(),
  value: Type.String(),
  type: Type.Literal('email'),
  is_primary: Type.Boolean(),
  is_verified: Type.Boolean(),
  used_for_auth: Type.Boolean(),
});
