import { Type } from 'typebox';
import { checkCode } from '../../../core/codes/check-code.ts';
import { addEmail, listEmails, readEmail, removeEmail, updateEmail } from '../../../core/emails/manage-emails.ts';
import { requestPrimaryVerification, requestVerificationOf } from '../../../core/emails/request-own-verification.ts';
import { verifyEmail } from '../../../core/emails/verify-email.ts';
import { checkReturnUrl } from '../../../core/return-urls.ts';
import { json } from '../../kit/answer.ts';
import { channelSchema, channelWire } from '../channel-wire.ts';
import { endpoint } from '../endpoint.ts';
import { codeLink } from '../links.ts';
import { code, codeIsValid, email, Fields, listOf, success, url, userId, uuid } from '../schemas.ts';
import { known, schemaError, text, type WireError } from '../wire-error.ts';

const tag = 'Contact channels';
const params = Fields({ user_id: userId(), contact_channel_id: uuid() });
const type = () => Type.Literal('email');
const flag = () => Type.Optional(Type.Boolean());

const selfOnly = (verb: string) => text(403, `Client can only ${verb} contact channels for their own user.`);
const missing = text(400, 'Contact channel not found');
const usedBySomeoneElse: WireError = ({ given }) =>
  known(
    409,
    'CONTACT_CHANNEL_ALREADY_USED_FOR_AUTH_BY_SOMEONE_ELSE',
    `This email "(${given ?? ''})" is already used for authentication by another account.`,
    { type: 'email', contact_channel_value: given ?? null, would_work_if_email_was_verified: false },
  );
const written = {
  email_taken: usedBySomeoneElse,
  email_invalid: schemaError('body.value must be a valid email'),
  email_not_found: missing,
  anonymous_not_accepted: text(400, 'An anonymous user cannot sign in with an e-mail address. Sign up first.'),
} satisfies Record<string, WireError>;

export const listChannels = endpoint('GET /contact-channels', {
  needs: 'user_or_server',
  operationId: 'listContactChannels',
  summary: 'Contact channels of a user; servers also list all',
  tag,
  query: Fields({ user_id: Type.Optional(userId()), contact_channel_id: Type.Optional(uuid()) }),
  replies: { 200: listOf(channelSchema) },
  refusals: { self_only: selfOnly('list') },
  async handle(call, me) {
    const { user_id, contact_channel_id: id } = call.query;
    const emails = await listEmails(call.ctx, me, call.subjectOrAll(me, user_id));
    const chosen = id === undefined ? emails : emails.filter((one) => one.id === id);
    return json({ items: chosen.map(channelWire), is_paginated: false });
  },
});

const newChannel = {
  user_id: userId(),
  value: email(),
  type: type(),
  used_for_auth: Type.Boolean(),
  is_primary: flag(),
};

export const createChannel = endpoint('POST /contact-channels', {
  needs: 'user_or_server',
  operationId: 'createContactChannel',
  summary: 'Give a user another contact channel',
  tag,
  body: Fields(newChannel),
  serverBody: Fields({ ...newChannel, is_verified: flag() }),
  replies: { 201: channelSchema },
  refusals: { ...written, self_only: selfOnly('create') },
  async handle(call, me) {
    const { body } = call;
    const made = await addEmail(call.ctx, me, {
      userId: call.subject(me, body.user_id),
      address: body.value,
      usedForAuth: body.used_for_auth,
      isPrimary: body.is_primary ?? false,
      verified: body.is_verified ?? false,
    });
    return json(channelWire(made), 201);
  },
});

export const readChannel = endpoint('GET /contact-channels/:user_id/:contact_channel_id', {
  needs: 'user_or_server',
  operationId: 'getContactChannel',
  summary: 'A contact channel',
  tag,
  params,
  replies: { 200: channelSchema },
  refusals: { self_only: selfOnly('read'), email_not_found: text(404, 'Contact channel not found.') },
  async handle(call, me) {
    const { user_id, contact_channel_id: emailId } = call.params;
    return json(channelWire(await readEmail(call.ctx, me, { userId: call.subject(me, user_id), emailId })));
  },
});

const channelEdit = {
  value: Type.Optional(email()),
  type: Type.Optional(type()),
  used_for_auth: flag(),
  is_primary: flag(),
};

export const updateChannel = endpoint('PATCH /contact-channels/:user_id/:contact_channel_id', {
  needs: 'user_or_server',
  operationId: 'updateContactChannel',
  summary: 'Change a contact channel',
  tag,
  params,
  body: Fields(channelEdit),
  serverBody: Fields({ ...channelEdit, is_verified: flag() }),
  replies: { 200: channelSchema },
  refusals: { ...written, self_only: selfOnly('update') },
  async handle(call, me) {
    const { body } = call;
    const changed = await updateEmail(call.ctx, me, {
      userId: call.subject(me, call.params.user_id),
      emailId: call.params.contact_channel_id,
      address: body.value,
      usedForAuth: body.used_for_auth,
      isPrimary: body.is_primary,
      verified: body.is_verified,
    });
    return json(channelWire(changed));
  },
});

export const deleteChannel = endpoint('DELETE /contact-channels/:user_id/:contact_channel_id', {
  needs: 'user_or_server',
  operationId: 'deleteContactChannel',
  summary: 'Take a contact channel away',
  tag,
  params,
  replies: { 200: success },
  refusals: { self_only: selfOnly('delete'), email_not_found: missing },
  async handle(call, me) {
    const { user_id, contact_channel_id: emailId } = call.params;
    await removeEmail(call.ctx, me, { userId: call.subject(me, user_id), emailId });
    return json({ success: true });
  },
});

export const sendChannelCode = endpoint('POST /contact-channels/:user_id/:contact_channel_id/send-verification-code', {
  needs: 'user_or_server',
  operationId: 'sendContactChannelVerificationCode',
  summary: 'Mail a link that verifies a contact channel',
  tag,
  params,
  body: Fields({ callback_url: url() }),
  replies: { 200: success },
  refusals: {
    self_only: text(400, 'Can only send verification code for your own user'),
    email_not_found: text(404, 'Contact channel not found'),
  },
  async handle(call, me) {
    const { user_id, contact_channel_id: emailId } = call.params;
    const { callback_url: callback } = call.body;
    const userId = call.subject(me, user_id);
    const link = codeLink(checkReturnUrl(call.ctx, callback, 'callback_url'));
    await requestVerificationOf(call.ctx, me, { userId, emailId, link });
    return json({ success: true });
  },
});

/** Older clients name the address instead. */
export const sendPrimaryCode = endpoint('POST /contact-channels/send-verification-code', {
  needs: 'user',
  userIsField: true,
  operationId: 'sendVerificationCode',
  summary: 'Mail a link that verifies the primary e-mail of who is signed in',
  tag,
  body: Fields({ email: email(), callback_url: url() }),
  replies: { 200: success },
  async handle(call, me) {
    const { email: address, callback_url: callback } = call.body;
    const link = codeLink(checkReturnUrl(call.ctx, callback, 'callback_url'));
    await requestPrimaryVerification(call.ctx, me, { address, link });
    return json({ success: true });
  },
});

const gone = text(400, 'Contact channel not found. Was your contact channel deleted?');

export const verifyChannel = endpoint('POST /contact-channels/verify', {
  needs: 'project_client',
  operationId: 'verifyContactChannel',
  summary: 'Verify a contact channel with the code of a mail',
  tag,
  body: Fields({ code: code() }),
  replies: { 200: success },
  refusals: { email_not_found: gone, code_address_changed: gone },
  async handle(call) {
    await verifyEmail(call.ctx, call.newcomer, call.body.code.toLowerCase(), { once: true });
    return json({ success: true });
  },
});

export const checkChannelCode = endpoint('POST /contact-channels/verify/check-code', {
  needs: 'project_client',
  operationId: 'checkContactChannelVerificationCode',
  summary: 'Is the code of a mail still good?',
  tag,
  body: Fields({ code: code() }),
  replies: { 200: codeIsValid },
  async handle(call) {
    await checkCode(call.ctx, 'email_verification', call.body.code.toLowerCase());
    return json({ is_code_valid: true });
  },
});
