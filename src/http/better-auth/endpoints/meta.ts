import { Type } from 'typebox';
import { json } from '../../kit/answer.ts';
import { errorPage } from '../../pages/message-pages.ts';
import { endpoint } from '../endpoint.ts';

export const ok = endpoint('GET /ok', {
  needs: 'nobody',
  operationId: 'ok',
  summary: 'Is the API there?',
  tag: 'Default',
  replies: { 200: Type.Object({ ok: Type.Boolean() }) },
  handle: () => json({ ok: true }),
});

export const error = endpoint('GET /error', {
  needs: 'nobody',
  operationId: 'error',
  summary: 'A page that explains an error code',
  tag: 'Default',
  query: Type.Object({ error: Type.Optional(Type.String()), error_description: Type.Optional(Type.String()) }),
  replies: { 200: null },
  handle(call) {
    const nonce = Buffer.from(call.ctx.random.bytes(16)).toString('base64url');
    return errorPage({ code: call.query.error ?? 'UNKNOWN', nonce, ctx: call.ctx });
  },
});
