import { expect } from 'vitest';
import { Browser, type Reply } from './browser.ts';
import { type ApiDocument, type Contract, contractOf } from './contract.ts';
import { onEveryEngine, onOneEngine, type Stage, tokenIn } from './stage.ts';
import { appCode } from './totp.ts';
import type { World, WorldOptions } from './world.ts';

/** At least what the policy asks for, and no more than AxumKit lets people set. */
export const password = 'correct horse';
export const otherPassword = 'battery staple';

/** Somebody who registered on the AxumKit surface. */
export interface Resident {
  readonly browser: Browser;
  readonly email: string;
  readonly handle: string;
  readonly id: string;
}

/** The AxumKit surface of a world, and people who came by it. */
export interface AxumKitStage {
  readonly stage: Stage;
  readonly world: World;
  readonly url: string;
  /** A browser on a network of its own. */
  browser(headers?: Record<string, string>): Browser;
  address(): string;
  handle(): string;
  /** Registered and signed in. */
  resident(change?: { readonly verified?: boolean; readonly body?: Record<string, unknown> }): Promise<Resident>;
  signIn(email: string, change?: Record<string, unknown>): Promise<Browser>;
  /** The token of the newest mail's link. */
  mailedToken(to: string): Promise<string>;
  /** Switches the second factor on. */
  withTotp(resident: Resident): Promise<{ readonly uri: string; readonly backupCodes: readonly string[] }>;
  /** What the app shows now. */
  code(uri: string, stepsAhead?: number): string;
}

type Tests = (kit: AxumKitStage) => void;

/** The same tests on every database: what is about the store, races and the security matrices. */
export const axumKitOnEveryEngine = (title: string, options: WorldOptions, tests: Tests): void =>
  onEveryEngine(title, options, (stage) => tests(axumKitStage(stage)));

/** On one database, another one for other titles: what is about the wire. */
export const axumKitOnOneEngine = (title: string, options: WorldOptions, tests: Tests): void =>
  onOneEngine(title, options, (stage) => tests(axumKitStage(stage)));

/** Held to the document of this surface by every answer. */

export function axumKitStage(stage: Stage): AxumKitStage {
  let people = 0;
  let contract: Contract | null = null;
  const url = () => `${stage.world.url}/axumkit`;
  const kit: AxumKitStage = {
    stage,
    get world() {
      return stage.world;
    },
    get url() {
      return url();
    },
    browser(headers) {
      const { headers: network } = stage.browser();
      const browser = new Browser(url(), { ...network, ...headers }, async (...answer) => {
        contract ??= await readContract(stage.world);
        contract(...answer);
      });
      return browser;
    },
    address: () => stage.address(),
    handle: () => `resident_${++people}`,
    async resident({ verified = false, body = {} } = {}) {
      const browser = kit.browser();
      const [email, handle] = [kit.address(), kit.handle()];
      const made = await browser.post('/v0/users', { email, handle, display_name: 'Ada', password, ...body });
      expectStatus(made, 201);
      if (verified)
        expectStatus(await browser.post('/v0/auth/verify-email', { token: await kit.mailedToken(email) }), 204);
      expectStatus(await browser.post('/v0/auth/login', { email, password }), 204);
      const me = await browser.get('/v0/user/me');
      return { browser, email, handle, id: me.body.id };
    },
    async signIn(email, change = {}) {
      const browser = kit.browser();
      expectStatus(await browser.post('/v0/auth/login', { email, password, ...change }), 204);
      return browser;
    },
    mailedToken: async (to) => tokenIn((await stage.world.mail(to)).links[0]!),
    async withTotp({ browser }) {
      const setup = await browser.post('/v0/auth/totp/setup');
      expectStatus(setup, 200);
      const uri = setup.body.qr_code_uri as string;
      const enabled = await browser.post('/v0/auth/totp/enable', { code: kit.code(uri) });
      expectStatus(enabled, 200);
      return { uri, backupCodes: enabled.body.backup_codes };
    },
    code: (uri, stepsAhead = 0) => appCode(stage.world.clock, uri, stepsAhead),
  };
  return kit;
}

/** An answer is an error of this dialect: status and code, and nothing that leaks (spec §1.6). */
export function expectError(reply: Reply, status: number, code: string): void {
  expect({ status: reply.status, body: reply.body }).toMatchObject({ status, body: { status, code } });
  expect(Object.keys(reply.body).filter((key) => !['status', 'code', 'details'].includes(key))).toEqual([]);
}

export function expectStatus(reply: Reply, status: number): void {
  if (reply.status !== status) throw new Error(`answered ${reply.status} ${reply.text} instead of ${status}`);
}

async function readContract(world: World): Promise<Contract> {
  const answer = await world.app.http.inject({ method: 'GET', url: '/axumkit/openapi.json' });
  return contractOf(answer.json<ApiDocument>());
}
