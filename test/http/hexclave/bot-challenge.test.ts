import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HexclaveProject, password, stageOf } from '../../kit/hexclave.ts';
import { tokenIn } from '../../kit/stage.ts';
import { aProject } from '../../kit/test-config.ts';
import { createWorld, type World } from '../../kit/world.ts';

/** A stand-in for the service: says what the token says. */
const answers: Readonly<Record<string, object | string>> = {
  person: { success: true, action: 'sign_up_with_credential', hostname: 'localhost' },
  'other-action': { success: true, action: 'oauth_authenticate', hostname: 'localhost' },
  'other-site': { success: true, action: 'sign_up_with_credential', hostname: 'evil.example' },
  program: { success: false },
  rubbish: 'not JSON',
};

describe('bot challenges (spec §1.16)', () => {
  let service: Server;
  let world: World;
  let project: HexclaveProject;
  const asked: URLSearchParams[] = [];

  beforeAll(async () => {
    service = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      const form = new URLSearchParams(text);
      asked.push(form);
      const said = answers[form.get('response')!];
      response.end(typeof said === 'string' ? said : JSON.stringify(said));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => service.once('listening', resolve));
    const { port } = service.address() as AddressInfo;
    world = await createWorld({
      turnstile: { secret: 'the secret', url: `http://127.0.0.1:${port}/siteverify` },
      http: { trustedProxies: ['127.0.0.1'] },
      projects: [aProject(), aProject({ key: 'internal', id: 'internal' })],
    });
    project = await stageOf(() => world).project({ 'auth.otp.allowSignIn': true });
  });
  afterAll(async () => {
    await world?.close();
    service?.close();
  });

  let people = 0;
  const signUp = (challenge: object) =>
    project.request('POST /auth/password/sign-up', {
      body: { email: `bot${++people}@example.com`, password, ...challenge },
    });

  it('lets people through, and asks for the visible one when the invisible one fails', async () => {
    const right = { bot_challenge_token: 'person', bot_challenge_phase: 'invisible' };
    expect((await signUp(right)).status).toBe(200);
    expect(Object.fromEntries(asked.at(-1)!)).toMatchObject({ secret: 'the secret', response: 'person' });
    for (const bot_challenge_token of ['program', 'other-action', 'other-site']) {
      const invisible = await signUp({ bot_challenge_token, bot_challenge_phase: 'invisible' });
      expect([invisible.status, invisible.body.code]).toEqual([409, 'BOT_CHALLENGE_REQUIRED']);
      const visible = await signUp({ bot_challenge_token, bot_challenge_phase: 'visible' });
      expect([visible.status, visible.body]).toEqual([
        400,
        {
          code: 'BOT_CHALLENGE_FAILED',
          details: { message: 'Visible bot challenge verification failed' },
          error: 'Visible bot challenge verification failed',
        },
      ]);
    }
  });

  it('whose service answers nonsense is as good as not shown: people who are here sign in, nobody new comes', async () => {
    const rubbish = { bot_challenge_token: 'rubbish', bot_challenge_phase: 'visible' };
    const refused = await signUp(rubbish);
    expect(refused.body.error).toBe('Visible bot challenge could not be completed');
    const email = 'here@example.com';
    const mailCode = (challenge: object) =>
      project.request('POST /auth/otp/send-sign-in-code', {
        body: { email, callback_url: 'http://localhost/callback', ...challenge },
      });
    await mailCode({});
    const [mail] = await project.mails(email);
    await project.request('POST /auth/otp/sign-in', { body: { code: tokenIn(mail!.links[0]!) } });
    expect((await mailCode(rubbish)).status).toBe(200);
  });

  it('without a phase blocks nobody; not shown at all, it makes no account', async () => {
    expect((await signUp({ bot_challenge_token: 'program' })).status).toBe(200);
    expect((await signUp({})).status).toBe(200);
    const unavailable = await signUp({ bot_challenge_unavailable: 'true' });
    expect(unavailable.body.error).toBe('Visible bot challenge could not be completed');
    const both = await signUp({ bot_challenge_unavailable: 'true', bot_challenge_phase: 'visible' });
    expect(both.body.code).toBe('SCHEMA_ERROR');
  });
});
