import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Browser } from '../kit/browser.ts';
import { oneEngine } from '../kit/engines.ts';
import { otherPassword, password, tokenIn } from '../kit/stage.ts';
import { aProject } from '../kit/test-config.ts';
import { createWorld, type World } from '../kit/world.ts';

// A mailed link is of one project: at the pages of another it is a dead one, and stays good where it belongs.

const [engine] = oneEngine('Mailed links elsewhere');

describe(`Mailed links at the pages of another project [${engine!.name}]`, () => {
  let world: World;
  let axum: Browser;
  const address = 'ada@example.com';

  /** The newest mail to the one person, who has the same address in both projects. */
  async function mailed(of: 'one' | 'two'): Promise<string> {
    await world.app.drainJobs();
    const project = world.app.projects.configured.find(({ project }) => project.key === of)!;
    return (await project.store.read.mail.list({ to: address, limit: 1 }))[0]!.links[0]!;
  }
  async function mailCounts(): Promise<readonly number[]> {
    await world.app.drainJobs();
    const lists = world.app.projects.configured.map(({ store }) => store.read.mail.list({ to: address, limit: 100 }));
    return (await Promise.all(lists)).map(({ length }) => length);
  }

  beforeAll(async () => {
    world = await createWorld({
      engine: engine!,
      projects: [aProject({ key: 'one' }), aProject({ key: 'two' })],
      mounts: { axumkit: { kind: 'path', prefix: '/axumkit', project: 'two' } },
      contract: false,
    });
    axum = new Browser(`${world.url}/axumkit`);
    const made = await axum.post('/v0/users', { email: address, handle: 'ada', display_name: 'Ada', password });
    expect(made.status).toBe(201);
    const signedUp = await world.browser().post('/sign-up/email', { email: address, password, name: 'Ada' });
    expect(signedUp.status).toBe(200);
  });
  afterAll(() => world.close());

  const typed = { password: otherPassword, again: otherPassword };
  const pages = [
    { path: '/-/verify-email', of: 'two', done: 'E-mail verified', make: async () => mailed('two') },
    {
      path: '/-/reset-password',
      done: 'Password changed',
      of: 'two',
      async make() {
        await axum.post('/v0/auth/forgot-password', { email: address });
        return mailed('two');
      },
    },
    {
      path: '/-/reset-password',
      done: 'Password changed',
      of: 'one',
      async make() {
        await world.browser().post('/request-password-reset', { email: address });
        // The dialect's own address goes on to the page.
        return (await world.browser().visit(await mailed('one'))).headers.get('location')!;
      },
    },
  ] as const;
  for (const { path, of, done, make } of pages) {
    test(`${path} of project ${of}: nothing acts, nothing is mailed, and the link stays good`, async () => {
      const link = await make();
      const token = tokenIn(link);
      const before = await mailCounts();
      const visitor = new Browser(world.url);
      for (const place of of === 'one' ? ['/projects/two'] : ['', '/projects/one']) {
        const form = `<form method="post" action="${place}${path}"><input type="hidden" name="token" value="${token}">`;
        const replies = [
          await visitor.visit(`${world.url}${place}${path}?token=${token}`),
          await visitor.press({ text: form }, typed),
        ];
        for (const reply of replies) {
          expect([reply.status, reply.text.includes('This link does not work')]).toEqual([400, true]);
          expect(reply.text).not.toContain(address);
        }
        const asked = await visitor.press({ text: form.replace(path, '/-/new-link') });
        expect([asked.status, asked.text.includes('Look into your mailbox')]).toEqual([200, true]);
      }
      expect(await mailCounts()).toEqual(before);

      for (const endpoint of ['/verify-email', '/magic-link/verify']) {
        const reply = await world.browser().visit(`${world.betterAuthUrl}${endpoint}?token=${token}`);
        expect([reply.status, reply.setCookies]).toEqual([400, []]);
      }
      const pressed = await visitor.press(await visitor.visit(link), typed);
      expect([pressed.status, pressed.text.includes(done)]).toEqual([200, true]);
    });
  }

  test('the endpoints of one project take no token of the other', async () => {
    await world.browser().post('/request-password-reset', { email: address });
    const token = tokenIn(await mailed('one'));
    const given = { token, new_password: otherPassword };
    const replies = [
      await axum.post('/v0/auth/reset-password', given),
      await axum.post('/v0/auth/verify-email', { token }),
      await axum.post('/v0/auth/confirm-email-change', { token }),
    ];
    expect(replies.map(({ status }) => status)).toEqual([400, 400, 400]);
    const own = await world.browser().post('/reset-password', { token, newPassword: password });
    expect(own.status).toBe(200);
  });

  test('a project that there is not: a page says so', async () => {
    const visitor = new Browser(world.url);
    const nobody = `${world.url}/projects/three/-/reset-password?token=${'0'.repeat(45)}`;
    const page = await visitor.visit(nobody);
    expect([page.status, page.text.includes('Page not found')]).toEqual([404, true]);
    const form = '<form method="post" action="/projects/three/-/new-link">';
    expect((await visitor.press({ text: form })).status).toBe(404);
  });
});
