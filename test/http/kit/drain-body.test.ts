import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { onOneEngine } from '../../kit/stage.ts';

const body = Buffer.alloc(20 * 1_048_576, 'a');

/** Sends all of it before it looks at the answer, as most clients do. */
async function upload(url: string, chunked: boolean): Promise<number> {
  const headers = { 'content-type': 'application/json', ...(!chunked && { 'content-length': String(body.length) }) };
  const sending = request(url, { method: 'POST', headers });
  for (let at = 0; at < body.length; at += 65_536) sending.write(body.subarray(at, at + 65_536));
  sending.end();
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  answer.resume();
  return answer.statusCode!;
}

onOneEngine('A body that is too large', { contract: false }, (stage) => {
  describe.each([
    ['/better-auth/api/auth/sign-in/email', 413],
    ['/hexclave/api/v1/auth/password/sign-in', 413],
    ['/axumkit/v0/auth/login', 400],
    ['/-/reset-password', 413],
  ] as const)('sent to %s', (path, status) => {
    test.each([true, false])(
      'is refused with an answer, not with a broken connection (chunked: %s)',
      async (chunked) => {
        const url = `${stage.world.url}${path}`;
        expect(await Promise.all([upload(url, chunked), upload(url, chunked)])).toEqual([status, status]);
      },
    );
  });
});
