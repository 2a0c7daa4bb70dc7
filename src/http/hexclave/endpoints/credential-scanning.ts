import { Type } from 'typebox';
import { revokeLeakedKey } from '../../../core/keys/revoke-leaked-key.ts';
import { json } from '../../kit/answer.ts';
import { endpoint } from '../endpoint.ts';
import { Fields, success } from '../schemas.ts';

export const revokeLeaked = endpoint('POST /integrations/credential-scanning/revoke', {
  needs: 'nobody',
  operationId: 'revokeLeakedApiKey',
  summary: 'End an API key whose text was found in public',
  tag: 'API keys',
  body: Fields({ api_key: Type.String() }),
  replies: { 200: success },
  async handle(call) {
    await revokeLeakedKey(call.ctx, { kind: 'anonymous', from: call.from }, call.body.api_key);
    return json({ success: true });
  },
});
