import { Type } from 'typebox';
import { Refusal } from '../../../base/refusal.ts';
import { addMember as add } from '../../../core/orgs/add-member.ts';
import { setFirstPassword } from '../../../core/passwords/set-first-password.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { memberSchema, rolesInput } from '../organization-schemas.ts';
import { memberWire, rolesOf } from '../organization-wire.ts';
import { statusSchema } from '../schemas.ts';

// What `auth.api` offers to the server alone. Here a server shows `betterAuth.serviceToken`.

export const setPassword = endpoint('POST /set-password', {
  needs: 'server',
  operationId: 'setPassword',
  summary: 'For services: a first password for the user whose cookie is sent along',
  tag: 'Server only',
  body: Type.Object({ newPassword: Type.String({ minLength: 1 }) }),
  replies: { 200: statusSchema },
  refusals: {
    password_already_set: { status: 400, code: 'PASSWORD_ALREADY_SET', message: 'User already has a password set' },
  },
  async handle(call) {
    const actor = await call.actor();
    if (actor.kind !== 'user')
      throw new Refusal('input_invalid', { field: 'The cookie of a signed-in user is missing' });
    await setFirstPassword(call.ctx, actor, call.body.newPassword);
    return json({ status: true });
  },
});

export const addMember = endpoint('POST /organization/add-member', {
  needs: 'server',
  operationId: 'addOrganizationMember',
  summary: 'For services: put a user into an organization',
  tag: 'Server only',
  body: Type.Object({ userId: Type.String(), organizationId: Type.String(), role: rolesInput }),
  replies: { 200: memberSchema },
  refusals: {
    user_not_found: { status: 400, code: 'USER_NOT_FOUND', message: 'User not found' },
    role_not_found: { status: 400, code: 'ROLE_NOT_FOUND', message: 'Role not found' },
  },
  async handle(call, me) {
    const { userId, organizationId, role } = call.body;
    const member = await add(call.ctx, me, { userId, organizationId, roles: rolesOf(role) });
    return json(memberWire(member, call.settings));
  },
});
