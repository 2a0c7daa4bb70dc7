import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { hasProjectPermission } from '../../../core/permissions/has-project-permission.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { projectPermissionsIn } from '../permission-words.ts';

const statement = Type.Optional(
  Type.Record(Type.String(), Type.Array(Type.String()), { description: '`{ resource: [actions] }`' }),
);

export const hasPermission = endpoint('POST /admin/has-permission', {
  needs: 'user_or_key',
  fromStore: true,
  operationId: 'userHasPermission',
  summary: 'Does one role of the signed-in user allow all of this?',
  tag: 'Admin',
  body: Type.Object({ permissions: statement, permission: statement }),
  replies: { 200: Type.Object({ error: Type.Null(), success: Type.Boolean() }) },
  async handle(call, me) {
    const asked = call.body.permissions ?? call.body.permission;
    if (!asked)
      throw new Refusal('input_invalid', { field: 'invalid permission check. no permission(s) were passed.' });
    const success = await hasProjectPermission(call.ctx, me, projectPermissionsIn(asked));
    return json({ error: null, success });
  },
});
