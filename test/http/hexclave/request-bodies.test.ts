import { deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { hexclaveOnOneEngine } from '../../kit/hexclave.ts';

const mebibyte = 1024 * 1024;

hexclaveOnOneEngine('bodies of requests (spec §1.3)', { http: { bodyLimitBytes: null } }, (stage) => {
  const post = async (body: Uint8Array | string, headers: Record<string, string>) => {
    const project = await stage.project();
    const reply = await fetch(`${stage.url}/auth/password/sign-up`, {
      method: 'POST',
      headers: {
        ...{ 'x-hexclave-access-type': 'client', 'x-hexclave-project-id': project.id },
        ...{ 'content-type': 'application/json', ...headers },
      },
      body: body as BodyInit,
    });
    const text = await reply.text();
    return { status: reply.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
  };
  const signUp = () => JSON.stringify({ email: stage.address(), password: 'correct horse' });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['GZIP', gzipSync],
    ['identity', (text: string) => text],
  ])('may be packed: %s', async (encoding, pack) => {
    const reply = await post(pack(signUp()), { 'content-encoding': encoding });
    expect([reply.status, reply.body.user_id]).toEqual([200, expect.any(String)]);
  });

  it.each([
    ['br', signUp, 'Unknown content encoding of request body: br'],
    ['gzip', () => 'not packed at all', 'Invalid compressed data in request body'],
    ['gzip', () => gzipSync(signUp()).subarray(0, 20), 'Invalid compressed data in request body'],
    ['gzip', () => gzipSync('{'), 'Invalid JSON in request body'],
  ])('are refused in words: %s', async (encoding, body, error) => {
    const reply = await post(body(), { 'content-encoding': encoding });
    expect([reply.status, reply.body]).toEqual([400, { code: 'BODY_PARSING_ERROR', error }]);
  });

  it('hold eight mebibytes, also unpacked, and no more', async () => {
    const of = (bytes: number) => JSON.stringify({ email: 'a', password: 'x'.repeat(bytes - 100) });
    const fits = await post(of(7 * mebibyte), {});
    expect([fits.status, fits.body.code]).toEqual([400, 'SCHEMA_ERROR']);
    const bomb = gzipSync(of(9 * mebibyte));
    expect(bomb.length).toBeLessThan(mebibyte);
    const refused = await post(bomb, { 'content-encoding': 'gzip' });
    expect([refused.status, refused.text]).toEqual([413, 'Request body too large']);
    const packedFits = await post(gzipSync(of(7 * mebibyte)), { 'content-encoding': 'gzip' });
    expect(packedFits.body.code).toBe('SCHEMA_ERROR');
  });
});

hexclaveOnOneEngine('a limit that the operator set', { http: { bodyLimitBytes: 10_000 } }, (stage) => {
  it('holds for this API too', async () => {
    const project = await stage.project();
    const body = { email: 'a', password: 'x'.repeat(10_000) };
    expect((await project.request('POST /auth/password/sign-up', { body })).status).toBe(413);
  });
});
