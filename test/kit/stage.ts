import { request } from 'node:http';
import { afterAll, beforeAll, describe } from 'vitest';
import { asSystem } from '../../src/core/acting.ts';
import { systemActor } from '../../src/core/actor.ts';
import { banUser, unbanUser } from '../../src/core/users/ban-user.ts';
import type { Browser, Reply } from './browser.ts';
import { type Engine, engines, oneEngine } from './engines.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

export const password = 'correct horse';
export const otherPassword = 'battery staple';

/** Somebody who signed up. */
export interface Member {
  readonly browser: Browser;
  readonly email: string;
  readonly id: string;
  /** Of the session that sign-up opened; null when it opened none. */
  readonly token: string;
}

/** One world for a group of tests, and people to fill it with. */
export interface Stage {
  readonly world: World;
  /** A browser on a network of its own, so that limits per network do not meet. */
  browser(headers?: Record<string, string>): Browser;
  /** An address nobody has. */
  address(): string;
  member(change?: { readonly verified?: boolean; readonly body?: Record<string, unknown> }): Promise<Member>;
  /** Another browser, signed in as the same person. */
  signIn(member: Pick<Member, 'email'>, change?: Record<string, unknown>): Promise<Browser>;
  /** The token of the newest mail's link. */
  mailedToken(to: string): Promise<string>;
  /** What an operator does at the command line. */
  ban(id: string, seconds?: number): Promise<void>;
  unban(id: string): Promise<void>;
  deactivate(id: string): Promise<void>;
}

type Tests = (stage: Stage) => void;

/** The same tests on every database: what is about the store, races and the security matrices. */
export const onEveryEngine = (title: string, options: WorldOptions, tests: Tests): void =>
  onEngines(engines, title, options, tests);

/** On one database, another one for other titles: what is about the wire. */
export const onOneEngine = (title: string, options: WorldOptions, tests: Tests): void =>
  onEngines(oneEngine(title), title, options, tests);

/** Networks are told apart by a header from the loopback proxy. */
function onEngines(chosen: readonly Engine[], title: string, options: WorldOptions, tests: Tests): void {
  for (const engine of chosen) {
    describe(`${title} [${engine.name}]`, () => {
      let world: World;
      beforeAll(async () => {
        world = await createWorld({ ...options, engine, http: { trustedProxies: ['127.0.0.1'], ...options.http } });
      });
      afterAll(() => world?.close());
      tests(stageOf(() => world));
    });
  }
}

function stageOf(world: () => World): Stage {
  let people = 0;
  let networks = 0;
  const cli = () => world().app.mainProject.context('cli');
  const stage: Stage = {
    get world() {
      return world();
    },
    browser(headers) {
      networks += 1;
      return world().browser({ 'x-forwarded-for': `203.${networks >> 8}.${networks & 255}.7`, ...headers });
    },
    address: () => `person${++people}@example.com`,
    async member({ verified = false, body = {} } = {}) {
      const browser = stage.browser();
      const email = stage.address();
      const reply = await browser.post('/sign-up/email', { email, password, name: 'Ada', ...body });
      if (reply.status !== 200) throw new Error(`sign-up answered ${reply.status} ${reply.text}`);
      if (verified) {
        const { links } = await world().mail(email);
        const answer = await stage.browser().get(links[0]!);
        if (answer.status !== 302) throw new Error(`verification answered ${answer.status} ${answer.text}`);
      }
      return { browser, email, id: reply.body.user.id, token: reply.body.token };
    },
    async signIn({ email }, change = {}) {
      const browser = stage.browser();
      const reply = await browser.post('/sign-in/email', { email, password, ...change });
      if (reply.status !== 200) throw new Error(`sign-in answered ${reply.status} ${reply.text}`);
      return browser;
    },
    async mailedToken(to) {
      return tokenIn((await world().mail(to)).links[0]!);
    },
    async ban(userId, seconds) {
      await banUser(cli(), systemActor, { userId, reason: 'test', seconds: seconds ?? null });
    },
    async unban(userId) {
      await unbanUser(cli(), systemActor, userId);
    },
    async deactivate(id) {
      const ctx = cli();
      const now = ctx.clock.now();
      await asSystem(ctx, (tx) => tx.users.update(id, { deactivatedAt: now, deactivatedBy: 'operator' }, now));
    },
  };
  return stage;
}

/** Every token we mint is 45 characters of one alphabet; a link holds one. */
export const tokenIn = (link: string): string => /[0-9a-hjkmnp-tv-z]{45}/.exec(link)![0];

/** A request whose target is sent as it is written: `fetch` tidies addresses. */
export function rawRequest(
  url: string,
  target: string,
  options: { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<
  Pick<Reply, 'status' | 'text'> & { readonly headers: Readonly<Record<string, string | string[] | undefined>> }
> {
  const { hostname, port } = new URL(url);
  const { method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path: target, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
