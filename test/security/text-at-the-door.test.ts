import { describe, expect, test } from 'vitest';
import { axumKitStage } from '../kit/axumkit.ts';
import { stageOf as hexclaveStage } from '../kit/hexclave.ts';
import { onOneEngine, password, rawRequest } from '../kit/stage.ts';

const json = { 'content-type': 'application/json' };

onOneEngine('text is settled before anything reads it', {}, (stage) => {
  const kit = axumKitStage(stage);
  const hexclave = () => hexclaveStage(() => stage.world).existing(stage.world.app.mainProject.project.id);
  const post = (target: string, body: string | Buffer, headers: Record<string, string> = json) =>
    rawRequest(stage.world.url, target, { method: 'POST', headers, body: body as string });

  describe('return addresses go out as they were checked: normal and in ASCII', () => {
    const inAscii = '/%D0%B6';

    test('a link that is dead leads on to a path with other letters', async () => {
      const reply = await stage.browser().get(`/reset-password/abc?callbackURL=${encodeURIComponent('/ж')}`);
      expect([reply.status, reply.headers.get('location')]).toEqual([
        302,
        `${stage.world.url}${inAscii}?error=INVALID_TOKEN`,
      ]);
    });

    test('a host of other letters is the one that was checked, or refused', async () => {
      const dead = (url: string) => stage.browser().get(`/reset-password/abc?callbackURL=${encodeURIComponent(url)}`);
      expect((await dead('https://evil。example.com/')).status).toBe(403);
      const { host } = new URL(stage.world.url);
      const reply = await dead(`http://${host.replaceAll('.', '。')}/x`);
      expect([reply.status, reply.headers.get('location')]).toEqual([302, `${stage.world.url}/x?error=INVALID_TOKEN`]);
    });

    test('a good link is spent for an answer that arrives', async () => {
      const email = stage.address();
      await stage.browser().post('/sign-up/email', { email, password, name: 'Ada', callbackURL: '/ж' });
      const { links } = await stage.world.mail(email);
      expect(links[0]).toContain(encodeURIComponent(inAscii));
      const reply = await stage
        .browser()
        .get(`/verify-email?token=${await stage.mailedToken(email)}&callbackURL=%2F%D0%B6`);
      expect([reply.status, reply.headers.get('location')]).toEqual([302, `${stage.world.url}${inAscii}`]);
    });

    test('a sign-in tells the checked address, in head and body', async () => {
      const { email } = await stage.member();
      const reply = await stage.browser().post('/sign-in/email', { email, password, callbackURL: '/ж' });
      expect([reply.status, reply.headers.get('location'), reply.body.url]).toEqual([200, inAscii, inAscii]);
    });
  });

  describe('lone surrogates', () => {
    const lone = 'abc\\ud800defgh';

    test('Better Auth: 400 VALIDATION_ERROR, in values and in names', async () => {
      for (const body of [`{"email":"a@example.com","password":"${lone}"}`, `{"email":"a@example.com","${lone}":1}`]) {
        const reply = await post('/better-auth/api/auth/sign-in/email', body);
        expect([reply.status, JSON.parse(reply.text)]).toEqual([
          400,
          { code: 'VALIDATION_ERROR', message: expect.stringContaining('must be well-formed Unicode') },
        ]);
      }
    });

    test('AxumKit: 400 general:bad_request', async () => {
      const reply = await post('/axumkit/v0/auth/login', `{"email":"a@example.com","password":"${lone}"}`);
      expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'general:bad_request']);
    });

    test('Hexclave: 400 SCHEMA_ERROR', async () => {
      const project = await hexclave();
      const reply = await project.request('POST /auth/password/sign-in', {
        body: { email: 'a@example.com', password: 'abc\ud800defgh' },
      });
      expect([reply.status, reply.body.code, reply.body.error]).toEqual([
        400,
        'SCHEMA_ERROR',
        expect.stringContaining('must be well-formed Unicode'),
      ]);
    });

    test('pairs are letters like any other', async () => {
      const { email } = await stage.member({ body: { password: 'abc😀defgh' } });
      expect((await stage.browser().post('/sign-in/email', { email, password: 'abc😀defgh' })).status).toBe(200);
    });
  });

  describe('mailed codes as people type them', () => {
    test('Better Auth: `123 456` signs in', async () => {
      const email = stage.address();
      await stage.browser().post('/email-otp/send-verification-otp', { email, type: 'sign-in' });
      const otp = /\b\d{6}\b/.exec((await stage.world.mail(email)).text)![0];
      const typed = ` ${otp.slice(0, 3)} ${otp.slice(3)} `;
      expect((await stage.browser().post('/sign-in/email-otp', { email, otp: typed })).status).toBe(200);
    });

    test('Hexclave: blanks among the characters before the nonce', async () => {
      const project = await hexclave();
      const email = stage.address();
      const { body } = await project.request('POST /auth/otp/send-sign-in-code', {
        body: { email, callback_url: `${stage.world.url}/x` },
      });
      const [mail] = await project.mails(email);
      const otp = />([A-Z0-9]{6})<\/p>/.exec(mail!.html)![1]!;
      const code = ` ${otp.slice(0, 3)} ${otp.slice(3)} ${body.nonce}`;
      expect((await project.request('POST /auth/otp/sign-in', { body: { code } })).status).toBe(200);
    });
  });

  describe('bytes that are not UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from('{"email":"a@example.com","password":"abc'),
      Buffer.of(0xff),
      Buffer.from('"}'),
    ]);
    const form = 'email=a%40example.com&password=abc%ffdefgh';
    const forms = { 'content-type': 'application/x-www-form-urlencoded' };

    test('Better Auth: 400 BAD_REQUEST, as JSON and as a form', async () => {
      for (const reply of [
        await post('/better-auth/api/auth/sign-in/email', bytes),
        await post('/better-auth/api/auth/sign-in/email', form, forms),
      ]) {
        expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'BAD_REQUEST']);
      }
    });

    test('AxumKit: 400 general:bad_request', async () => {
      const reply = await post('/axumkit/v0/auth/login', bytes);
      expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'general:bad_request']);
    });

    test('Hexclave: 400 SCHEMA_ERROR, as JSON and as a form', async () => {
      for (const reply of [
        await post('/hexclave/api/v1/auth/password/sign-in', bytes),
        await post('/hexclave/api/v1/auth/password/sign-in', form, forms),
      ]) {
        expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'SCHEMA_ERROR']);
      }
    });

    test('the pages: 400', async () => {
      const page = await post('/-/reset-password', 'token=x&password=%ff', { ...forms, origin: stage.world.url });
      expect([page.status, page.text]).toEqual([400, expect.stringContaining('BAD_REQUEST')]);
    });

    test('a percent sign that begins no escape is itself', async () => {
      const { email } = await stage.member({ body: { password: '100%correct' } });
      const body = `email=${encodeURIComponent(email)}&password=100%correct`;
      expect((await post('/better-auth/api/auth/sign-in/email', body, forms)).status).toBe(200);
    });
  });

  describe('a path whose escapes are not UTF-8 is 400 in the words of its surface', () => {
    const get = (target: string) => rawRequest(stage.world.url, target);

    test('Better Auth', async () => {
      const reply = await get('/better-auth/api/auth/reset-password/%ff?callbackURL=');
      expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'BAD_REQUEST']);
    });

    test('AxumKit', async () => {
      const reply = await get('/axumkit/v0/users/handle/%ff/available');
      expect([reply.status, JSON.parse(reply.text)]).toEqual([
        400,
        expect.objectContaining({ status: 400, code: 'general:bad_request' }),
      ]);
      expect((await kit.browser().send('PUT', '/v0/users/handle/somebody/available')).status).toBe(405);
    });

    test('Hexclave', async () => {
      const reply = await get('/hexclave/api/v1/users/%ff');
      expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'SCHEMA_ERROR']);
    });

    test('the pages', async () => {
      const reply = await get('/-/%ff');
      expect([reply.status, reply.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8']);
    });
  });
});
