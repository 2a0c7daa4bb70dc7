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

  describe('bodies of more values than anybody needs are refused before anything walks through them', () => {
    const many = `[${'0,'.repeat(100_000)}0]`;
    const filled = `{"email":"a@example.com","password":"x","texts":["${'[,\\"'.repeat(100_000)}"]}`;

    test('Better Auth: 400 BAD_REQUEST', async () => {
      const reply = await post('/better-auth/api/auth/sign-in/email', `{"email":${many}}`);
      expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'BAD_REQUEST']);
    });

    test('AxumKit: 400 general:bad_request', async () => {
      const reply = await post('/axumkit/v0/auth/login', `{"email":${many}}`);
      expect([reply.status, JSON.parse(reply.text)]).toEqual([
        400,
        { status: 400, code: 'general:bad_request', details: expect.stringContaining('too many values') },
      ]);
    });

    test('Hexclave: 400 BODY_PARSING_ERROR', async () => {
      const reply = await post('/hexclave/api/v1/auth/password/sign-in', `{"email":${many}}`);
      expect([reply.status, JSON.parse(reply.text)]).toEqual([
        400,
        { code: 'BODY_PARSING_ERROR', error: 'the request body holds too many values' },
      ]);
    });

    test('what stands inside of texts is no value', async () => {
      expect((await post('/better-auth/api/auth/sign-in/email', filled)).status).toBe(401);
    });

    test('Hexclave: an answer names some of what is wrong, and is not as large as the request', async () => {
      const project = await hexclave();
      const lists = { id: 'many_problems', contained_permission_ids: Array(40_000).fill({}) };
      for (const [call, access, body] of [
        ['POST /team-permission-definitions', 'admin', lists],
        ['POST /auth/password/sign-in', 'client', { ['x'.repeat(500_000)]: 1 }],
      ] as const) {
        const reply = await project.request(call, { access, body });
        expect([reply.status, reply.body.code]).toEqual([400, 'SCHEMA_ERROR']);
        expect(reply.body.error.length).toBeLessThan(10_000);
      }
    });

    test('Hexclave: a form of megabytes is too large', async () => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expect((await post('/hexclave/api/v1/auth/oauth/token', '%'.repeat(1_100_000), headers)).status).toBe(413);
    });
  });

  test('a form is one in whatever case its type is told', async () => {
    const { email } = await stage.member();
    const body = `email=${encodeURIComponent(email)}&password=${encodeURIComponent(password)}&rememberMe=true`;
    for (const type of ['application/x-www-form-urlencoded', 'Application/X-WWW-Form-URLencoded; charset=UTF-8']) {
      const reply = await post('/better-auth/api/auth/sign-in/email', body, { 'content-type': type });
      expect(reply.status).toBe(200);
    }
  });

  describe('numbers that no database holds', () => {
    test('a limit or an offset beyond any table is refused', async () => {
      const project = await hexclave();
      const { browser } = await stage.member();
      const { body } = await browser.post('/organization/create', { name: 'Acme', slug: 'numbers' });
      for (const number of ['1e308', '9223372036854775808', '9'.repeat(400)]) {
        const users = await project.request(`GET /users?limit=${number}`, { access: 'server' });
        expect([users.status, users.body.code]).toEqual([400, 'SCHEMA_ERROR']);
        const members = await browser.get(`/organization/list-members?organizationId=${body.id}&offset=${number}`);
        expect([members.status, members.body.code]).toEqual([400, 'VALIDATION_ERROR']);
      }
    });

    test('a life of one and a half milliseconds ends at a whole one', async () => {
      const project = await hexclave();
      const { status, body } = await project.request('POST /auth/cli', { body: { expires_in_millis: 60_000.5 } });
      expect([status, Number.isInteger(Date.parse(body.expires_at))]).toEqual([200, true]);
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
