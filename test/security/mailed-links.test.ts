import { describe, expect, test } from 'vitest';
import { days, type Instant } from '../../src/base/clock.ts';
import { newEmailForm } from '../../src/base/email-form.ts';
import { asSystem } from '../../src/core/acting.ts';
import { systemActor } from '../../src/core/actor.ts';
import { replaceAddress } from '../../src/core/emails/change-email.ts';
import { endFor } from '../../src/core/endings/end-for.ts';
import { setPasswordForUser } from '../../src/core/passwords/set-password-for-user.ts';
import { deleteUserByAdmin } from '../../src/core/users/delete-user.ts';
import { type AxumKitStage, axumKitStage } from '../kit/axumkit.ts';
import type { Browser, Reply } from '../kit/browser.ts';
import { onOneEngine, otherPassword, password, type Stage, tokenIn } from '../kit/stage.ts';
import type { WorldOptions } from '../kit/world.ts';

// A GET from a mail changes nothing for somebody who did not ask: every mailed link of every API, in every situation.

interface Mailed {
  /** Whose it is. */
  readonly id: string;
  readonly link: string;
  /** The browser that asked for the mail. */
  readonly asker: Browser;
  /** Where it was mailed to. */
  readonly address: string;
  /** What the link is for is the case. @param by who followed it */
  isSo(by: Browser): Promise<boolean>;
}

interface Kind {
  readonly name: string;
  /** Where the browser that asked follows it: it acts, or a page asks there too. */
  readonly asks: 'others' | 'everybody';
  /** Somebody else's session is told so. */
  readonly ownerOnly: boolean;
  /** Only with the person's session. */
  readonly sessionOnly?: boolean;
  /** Following it again, once done: by whom it is told as a success. */
  readonly repeat: 'everybody' | 'the person' | 'nobody';
  /** The page of a dead one mails a new one. */
  readonly again: boolean;
  /** What its page asks for beside the button. */
  readonly typed?: Readonly<Record<string, string>>;
  make(stage: Stage, axum: AxumKitStage): Promise<Mailed>;
}

const newest = async (stage: Stage, to: string) => (await stage.world.mail(to)).links[0]!;
const isVerified = async (stage: Stage, email: string) =>
  (await stage.world.app.mainProject.store.read.emails.findForAuth(email))?.verifiedAt != null;
const signsIn = async (stage: Stage, email: string, secret: string) =>
  (await stage.browser().post('/sign-in/email', { email, password: secret })).status === 200;

const kinds: readonly Kind[] = [
  {
    name: 'Better Auth, verification after sign-up',
    ...{ asks: 'others', ownerOnly: false, repeat: 'everybody', again: true },
    async make(stage) {
      const { id, email, browser } = await stage.member();
      return {
        ...{ id, link: await newest(stage, email), asker: browser, address: email },
        isSo: () => isVerified(stage, email),
      };
    },
  },
  {
    name: 'Better Auth, verification asked for signed out',
    ...{ asks: 'others', ownerOnly: false, repeat: 'everybody', again: true },
    async make(stage) {
      const { id, email } = await stage.member();
      const asker = stage.browser();
      await asker.post('/send-verification-email', { email });
      return { id, link: await newest(stage, email), asker, address: email, isSo: () => isVerified(stage, email) };
    },
  },
  {
    name: 'Better Auth, change of address asked at the old one',
    ...{ asks: 'others', ownerOnly: true, repeat: 'everybody', again: false },
    async make(stage) {
      const { id, email, browser } = await stage.member({ verified: true });
      const newEmail = stage.address();
      await browser.post('/change-email', { newEmail });
      return {
        ...{ id, link: await newest(stage, email), asker: browser, address: email },
        isSo: async () => (await stage.world.mails(newEmail)).length > 0,
      };
    },
  },
  {
    name: 'Better Auth, change of address asked at the new one',
    ...{ asks: 'others', ownerOnly: true, repeat: 'everybody', again: false },
    async make(stage) {
      const { id, browser } = await stage.member();
      const newEmail = stage.address();
      await browser.post('/change-email', { newEmail });
      return {
        ...{ id, link: await newest(stage, newEmail), asker: browser, address: newEmail },
        isSo: () => signsIn(stage, newEmail, password),
      };
    },
  },
  {
    name: 'Better Auth, sign-in link',
    ...{ asks: 'others', ownerOnly: false, repeat: 'the person', again: true },
    async make(stage) {
      const { id, email } = await stage.member({ verified: true });
      const asker = stage.browser();
      await asker.post('/sign-in/magic-link', { email });
      return {
        ...{ id, link: await newest(stage, email), asker, address: email },
        isSo: async (by) => (await by.get('/get-session')).body?.user.email === email,
      };
    },
  },
  {
    name: 'Better Auth, deletion',
    ...{ asks: 'others', ownerOnly: true, sessionOnly: true, repeat: 'nobody', again: false },
    async make(stage) {
      const { id, email, browser } = await stage.member();
      await browser.post('/delete-user', {});
      return {
        ...{ id, link: await newest(stage, email), asker: browser, address: email },
        isSo: async () => !(await signsIn(stage, email, password)),
      };
    },
  },
  {
    name: 'Better Auth, password reset',
    ...{ asks: 'everybody', ownerOnly: false, repeat: 'nobody', again: true },
    typed: { password: otherPassword, again: otherPassword },
    async make(stage) {
      const { id, email } = await stage.member();
      const asker = stage.browser();
      await asker.post('/request-password-reset', { email });
      // The dialect's own address goes on to the page.
      const { headers } = await stage.browser().visit(await newest(stage, email));
      const isSo = () => signsIn(stage, email, otherPassword);
      return { id, link: headers.get('location')!, asker, address: email, isSo };
    },
  },
  {
    name: 'AxumKit, verification',
    ...{ asks: 'everybody', ownerOnly: false, repeat: 'everybody', again: true },
    async make(stage, axum) {
      const { id, email, browser } = await axum.resident();
      return {
        ...{ id, link: await newest(stage, email), asker: browser, address: email },
        isSo: () => isVerified(stage, email),
      };
    },
  },
  {
    name: 'AxumKit, change of address',
    ...{ asks: 'everybody', ownerOnly: false, repeat: 'everybody', again: false },
    async make(stage, axum) {
      const { id, browser } = await axum.resident({ verified: true });
      const next = stage.address();
      await browser.post('/v0/auth/change-email', { password, new_email: next });
      return {
        ...{ id, link: await newest(stage, next), asker: browser, address: next },
        isSo: () => isVerified(stage, next),
      };
    },
  },
  {
    name: 'AxumKit, password reset',
    ...{ asks: 'everybody', ownerOnly: false, repeat: 'nobody', again: true },
    typed: { password: otherPassword, again: otherPassword },
    async make(stage, axum) {
      const { id, email } = await axum.resident();
      const asker = axum.browser();
      await asker.post('/v0/auth/forgot-password', { email });
      return {
        ...{ id, link: await newest(stage, email), asker, address: email },
        isSo: () => signsIn(stage, email, otherPassword),
      };
    },
  },
];

const cli = (stage: Stage) => stage.world.app.mainProject.context('cli');

interface Event {
  happen(stage: Stage, id: string): Promise<unknown>;
  /** Links that still do what they are for. */
  readonly spares: (kind: Kind) => boolean;
  /** Undone afterwards, so that what a link did under it shows. */
  undo?(stage: Stage, id: string): Promise<unknown>;
}
const verifies = ({ name }: Kind) => name.includes('verification');
const none = () => false;

/** What may happen to a person between the mail and the click. */
const meanwhile: Readonly<Record<string, Event>> = {
  banned: { spares: none, happen: (stage, id) => stage.ban(id), undo: (stage, id) => stage.unban(id) },
  deleted: { spares: none, happen: (stage, id) => deleteUserByAdmin(cli(stage), systemActor, id) },
  // What takes a session, or opens one, is not for them on the Better Auth API.
  restricted: {
    spares: ({ name, sessionOnly }) => !sessionOnly && !name.includes('sign-in link'),
    undo: (stage, id) => restrict(stage, id, null),
    happen: (stage, id) => restrict(stage, id, stage.world.clock.now()),
  },
  'given a password by the operator': {
    spares: verifies,
    happen: (stage, userId) => setPasswordForUser(cli(stage), systemActor, { userId, password }),
  },
  'given another address': {
    spares: none,
    async happen(stage, id) {
      const ctx = cli(stage);
      const form = newEmailForm(stage.address())!;
      await asSystem(ctx, async (tx) => replaceAddress(ctx, tx, systemActor, (await tx.users.find(id))!, form, 'link'));
    },
  },
};

async function restrict(stage: Stage, id: string, restrictedAt: Instant | null): Promise<void> {
  const ctx = cli(stage);
  await asSystem(ctx, async (tx) => {
    await tx.users.update(id, { restrictedAt }, ctx.clock.now());
    await endFor(ctx, tx, systemActor, 'restricted', id);
  });
}

const options: WorldOptions = {
  policy: {
    'users.selfDeletion': true,
    'users.deletionProof': 'mail',
    emailVerification: 'optional',
  },
  contract: false,
};

/** As links are where nobody knows the application: the person stays with us. */
const withoutApplication = (link: string) => link.replace(/callbackURL=[^&]*/, 'callbackURL=%2F');
const isAsking = (reply: Reply) =>
  expect([reply.status, reply.text.includes('<form method="post"')]).toEqual([200, true]);
const isOfButton = ({ text }: Reply) => text.includes('<form method="post"') && !text.includes('does not work');
const errorIn = (reply: Reply) => new URL(reply.headers.get('location') ?? 'x:').searchParams.get('error');
const expectDone = (reply: Reply) =>
  expect([reply.status < 400, errorIn(reply), reply.text.includes('does not work')]).toEqual([true, null, false]);

onOneEngine('Mailed links', options, (stage) => {
  const axum = axumKitStage(stage);
  describe.each(kinds)('$name', (kind) => {
    /** What somebody does who means it. */
    const click = async (by: Browser, link: string, asked: boolean): Promise<Reply> => {
      const reply = await by.visit(link);
      if (!asked) return reply;
      isAsking(reply);
      return by.press(reply, kind.typed);
    };
    const clickAsAsker = (by: Browser, link: string) => click(by, link, kind.asks === 'everybody');

    test('good: who asked follows it, and again', async () => {
      const { link, asker, isSo } = await kind.make(stage, axum);
      expectDone(await clickAsAsker(asker, link));
      expect(await isSo(asker)).toBe(true);
      if (kind.repeat !== 'nobody') expectDone(await asker.visit(link));
    });

    test('scanners and looks change nothing, and the person’s click still counts', async () => {
      const { link, asker, isSo } = await kind.make(stage, axum);
      const scanner = stage.browser();
      const bare = { accept: '*/*', 'sec-fetch-mode': 'navigate' };
      for (const [method, headers] of [
        ['GET', bare],
        ['HEAD', bare],
      ] as const) {
        const reply = await scanner.send(method, link, undefined, headers);
        expect([reply.status, reply.setCookies]).toEqual([kind.sessionOnly ? 404 : 200, []]);
      }
      const opened = await scanner.visit(link);
      expect(opened.setCookies).toEqual([]);
      const looks: Reply[] = [
        await asker.visit(link, 'HEAD'),
        await asker.send('GET', link, undefined, { ...bare, 'sec-purpose': 'prefetch;prerender' }),
      ];
      expect(looks.map(({ status }) => status)).toEqual([200, 200]);
      expect(await isSo(scanner)).toBe(false);
      expectDone(await clickAsAsker(asker, link));
      expect(await isSo(asker)).toBe(true);
    });

    test('another browser: a page asks, and its button does it', async () => {
      const { link, isSo } = await kind.make(stage, axum);
      const other = stage.browser();
      const page = await other.visit(link);
      if (kind.sessionOnly) {
        expect([page.status, page.text.includes('Sign in first')]).toEqual([401, true]);
        return;
      }
      isAsking(page);
      expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(await isSo(other)).toBe(false);
      expectDone(await other.press(page, kind.typed));
      expect(await isSo(other)).toBe(true);
    });

    test('another account is signed in: nothing happens, and the link stays good', async () => {
      const { link, asker, isSo } = await kind.make(stage, axum);
      const stranger = await stage.member();
      const reply = await stranger.browser.visit(withoutApplication(link));
      if (kind.ownerOnly) expect([reply.status, reply.text.includes('Another account')]).toEqual([400, true]);
      else isAsking(reply);
      expect(await isSo(stranger.browser)).toBe(false);
      expectDone(await clickAsAsker(asker, link));
    });

    test('used: a stranger with the link gets nothing more by it', async () => {
      const { link, asker } = await kind.make(stage, axum);
      await clickAsAsker(asker, link);
      const other = stage.browser();
      const reply = await other.visit(withoutApplication(link));
      expect(reply.setCookies).toEqual([]);
      if (kind.repeat === 'everybody') expectDone(reply);
      else expect(reply.status).toBe(kind.sessionOnly ? 401 : 400);
    });

    test('expired: the application is told, else a page says so and mails a new one to the same address', async () => {
      const { link, asker, address, isSo } = await kind.make(stage, axum);
      stage.world.clock.advance(days(2));
      const named = await asker.visit(link);
      if (named.status === 302) expect(errorIn(named)).toMatch(/EXPIRED|INVALID_TOKEN/);
      const page = await asker.visit(withoutApplication(link));
      expect([page.status, page.text.includes('does not work')]).toEqual([400, true]);
      expect(page.text.includes('Mail me a new link')).toBe(kind.again);
      expect(await isSo(asker)).toBe(false);
      if (!kind.again) return;

      expect(page.text).not.toContain(address);
      const before = (await stage.world.mails(address)).length;
      const made = '0'.repeat(45);
      const strange = await stage.browser().press({ text: page.text.replaceAll(tokenIn(link), made) });
      const right = await asker.press(page);
      expect([right.status, right.text.replaceAll(/nonce="[^"]+"/g, '')]).toEqual([
        200,
        strange.text.replaceAll(/nonce="[^"]+"/g, ''),
      ]);
      expect(await stage.world.mails(address)).toHaveLength(before + 1);
      let again = await newest(stage, address);
      if (/\/reset-password\/\w{45}/.test(again)) again = (await asker.visit(again)).headers.get('location')!;
      expectDone(await clickAsAsker(asker, again));
      expect(await isSo(asker)).toBe(true);
    });

    for (const [event, { happen, spares, undo }] of Object.entries(meanwhile)) {
      test(`the person is ${event} meanwhile: the link ${spares(kind) ? 'is good' : 'does nothing, and says so'}`, async () => {
        const { id, link, asker, isSo } = await kind.make(stage, axum);
        await happen(stage, id);
        const before = await isSo(stage.browser());
        if (spares(kind)) {
          const reply = await asker.visit(link);
          // Whose session is over is asked as any stranger is.
          expectDone(isOfButton(reply) ? await asker.press(reply, kind.typed) : reply);
          await undo?.(stage, id);
          expect([before, await isSo(asker)]).toEqual([false, true]);
          return;
        }
        for (const by of [stage.browser(), asker]) {
          expect((await by.visit(link, 'HEAD')).status).toBeLessThan(500);
          for (const target of [withoutApplication(link), link]) {
            let reply = await by.visit(target);
            if (isOfButton(reply)) reply = await by.press(reply, kind.typed);
            if (reply.status === 302) expect(errorIn(reply)).toMatch(/^[A-Z_]+$/);
            else expect([reply.status, reply.text.includes('<h1>')]).toEqual([kind.sessionOnly ? 401 : 400, true]);
            expect(reply.setCookies.filter((line) => /session_token=[^;]/.test(line))).toEqual([]);
          }
          expect(await isSo(by)).toBe(before);
        }
        await undo?.(stage, id);
        if (undo) expect(await isSo(asker)).toBe(false);
      });
    }

    if (kind.asks === 'others') {
      test('a script of the application acts at once, one of another origin does not', async () => {
        const { link, asker, isSo } = await kind.make(stage, axum);
        const script = kind.sessionOnly ? asker : stage.browser();
        if (!kind.sessionOnly) {
          isAsking(await script.get(link, { origin: 'https://evil.example' }));
          expect(await isSo(script)).toBe(false);
        }
        // Browsers leave Origin out of what a page gets from its own host.
        await script.get(link, kind.ownerOnly ? {} : { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' });
        expect(await isSo(script)).toBe(true);
      });
    }
  });
});

onOneEngine(
  'Mailed links without asking first',
  { ...options, policy: { ...options.policy, 'mailLinks.confirm': false } },
  (stage) => {
    const axum = axumKitStage(stage);
    for (const kind of kinds.filter(({ asks, sessionOnly }) => asks === 'others' && !sessionOnly)) {
      test(`${kind.name}: opening it is enough, looking at it is not`, async () => {
        const { link, isSo } = await kind.make(stage, axum);
        const anybody = stage.browser();
        await anybody.visit(link, 'HEAD');
        expect(await isSo(anybody)).toBe(false);
        expectDone(await anybody.visit(link));
        expect(await isSo(anybody)).toBe(true);
      });
    }
  },
);
