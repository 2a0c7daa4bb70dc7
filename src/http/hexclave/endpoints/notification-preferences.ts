import { Type } from 'typebox';
import { listPreferences, type Preference, setPreference } from '../../../core/notifications/preferences.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { Fields, listOf, userId, uuid } from '../schemas.ts';
import { text } from '../wire-error.ts';

const tag = 'Notification preferences';
const preference = Type.Object({
  notification_category_id: Type.String(),
  notification_category_name: Type.String(),
  enabled: Type.Boolean(),
  can_disable: Type.Boolean(),
});

const wire = ({ category, enabled }: Preference) => ({
  notification_category_id: category.id,
  notification_category_name: category.name,
  enabled,
  can_disable: category.canDisable,
});

export const readPreferences = endpoint('GET /emails/notification-preference/:user_id', {
  needs: 'user_or_server',
  operationId: 'listNotificationPreferences',
  summary: 'Which kinds of mail a user wants',
  tag,
  params: Fields({ user_id: userId() }),
  replies: { 200: listOf(preference) },
  refusals: { self_only: text(403, 'You can only view your own notification preferences') },
  async handle(call, me) {
    const preferences = await listPreferences(call.ctx, me, call.subject(me, call.params.user_id));
    return json({ items: preferences.map(wire), is_paginated: false });
  },
});

export const changePreference = endpoint('PATCH /emails/notification-preference/:user_id/:notification_category_id', {
  needs: 'user_or_server',
  operationId: 'updateNotificationPreference',
  summary: 'Whether a user wants a kind of mail',
  tag,
  params: Fields({ user_id: userId(), notification_category_id: uuid() }),
  body: Fields({ enabled: Type.Boolean() }),
  replies: { 200: preference },
  refusals: { self_only: text(403, 'You can only manage your own notification preferences') },
  async handle(call, me) {
    const { user_id, notification_category_id: categoryId } = call.params;
    const changed = await setPreference(call.ctx, me, {
      userId: call.subject(me, user_id),
      categoryId,
      enabled: call.body.enabled,
    });
    return json(wire(changed));
  },
});
