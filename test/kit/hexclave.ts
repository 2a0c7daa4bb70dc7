import { afterAll, beforeAll, describe } from 'vitest';
import { asSystem } from '../../src/core/acting.ts';
import type { Context } from '../../src/core/context.ts';
import type { CapturedMail } from '../../src/core/jobs/job.ts';
import { type ProjectKeyKind, projectKeyKinds, projectKeyText } from '../../src/core/projects/project-key.ts';
import { type ApiDocument, type Contract, contractOf } from './contract.ts';
import { type Engine, engines, oneEngine } from './engines.ts';
import { aProject } from './test-config.ts';
import { createWorld, type World, type WorldOptions } from './world.ts';

export interface HexclaveReply {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly text: string;
  readonly headers: Headers;
}

export interface HexclaveRequest {
  readonly body?: unknown;
  /** Null: no access headers at all. `client` unless said otherwise. */
  readonly access?: 'client' | 'server' | 'admin' | null;
  /** Access token of whoever asks. */
  readonly token?: string;
  readonly refreshToken?: string;
  /** By full name; they win. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Tokens of somebody signed in. */
export interface SignedIn {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly user_id: string;
}

/** One project, spoken to over HTTP with its own keys. */
export interface HexclaveProject {
  readonly id: string;
  readonly keys: { readonly [kind in ProjectKeyKind]: string };
  request(route: `${string} /${string}`, request?: HexclaveRequest): Promise<HexclaveReply>;
  /** Signs somebody up with a password. */
  signUp(email?: string, password?: string): Promise<SignedIn & { readonly email: string }>;
  /** What use cases of the project are given, for what no wire can do. */
  context(): Promise<Context>;
  /** Runs due jobs, then the mails to an address, newest first. */
  mails(to: string): Promise<readonly CapturedMail[]>;
  /** Sets paths of the project's configuration, as its administrator would. */
  configure(overrides: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface HexclaveStage {
  readonly world: World;
  readonly url: string;
  address(): string;
  /** Made over nothing: password and localhost on, everything else at its default, unless `config` says otherwise. */
  project(config?: Readonly<Record<string, unknown>>): Promise<HexclaveProject>;
  /** One that is there already, with new keys: `internal`, or the project of the other dialects. */
  existing(id: string): Promise<HexclaveProject>;
}

export const password = 'correct horse';

/** Passwords and addresses of this machine are allowed, as in projects made over the admin API. */
const fresh = { 'auth.password.allowSignIn': true, 'domains.allowLocalhost': true };

type Tests = (stage: HexclaveStage) => void;

/** The same tests on every database: what is about the store, races and the security matrices. */
export const hexclaveOnEveryEngine = (title: string, options: WorldOptions, tests: Tests): void =>
  onEngines(engines, title, options, tests);

/** On one database, another one for other titles: what is about the wire. */
export const hexclaveOnOneEngine = (title: string, options: WorldOptions, tests: Tests): void =>
  onEngines(oneEngine(title), title, options, tests);

function onEngines(chosen: readonly Engine[], title: string, options: WorldOptions, tests: Tests): void {
  for (const engine of chosen) {
    describe(`${title} [${engine.name}]`, () => {
      let world: World;
      beforeAll(async () => {
        world = await createWorld({
          ...{ ...options, engine, http: { trustedProxies: ['127.0.0.1'], ...options.http } },
          projects: options.projects ?? [
            aProject({ policy: options.policy ?? {}, providers: options.providers ?? [] }),
            aProject({ key: 'internal', id: 'internal', displayName: 'Stack Dashboard' }),
          ],
        });
      });
      afterAll(() => world?.close());
      tests(stageOf(() => world));
    });
  }
}

export function stageOf(world: () => World): HexclaveStage {
  let count = 0;
  const stage: HexclaveStage = {
    get world() {
      return world();
    },
    get url() {
      return `${world().url}/hexclave/api/v1`;
    },
    address: () => `user${++count}@example.com`,
    async project(config = {}) {
      const { projects } = world().app;
      const { id } = await projects.create({
        id: crypto.randomUUID(),
        displayName: 'New Project',
        description: '',
        ownerOrganizationId: null,
        production: false,
      });
      const made = await stage.existing(id);
      await made.configure({ ...fresh, ...config });
      return made;
    },
    async existing(id) {
      const { projects } = world().app;
      const open = (await projects.find(id))!;
      const ctx = open.context('hexclave');
      const { clock, random, ids, vault } = ctx;
      const keys = Object.fromEntries(projectKeyKinds.map((kind) => [kind, projectKeyText(random, kind)]));
      const setId = ids.next();
      const now = clock.now();
      await asSystem(ctx, async (tx) => {
        for (const [kind, text] of Object.entries(keys)) {
          await tx.projectKeys.insert({
            ...{ id: ids.next(), setId, kind: kind as ProjectKeyKind, keyHash: vault.digest(text) },
            ...{ last4: text.slice(-4), description: 'test', expiresAt: null, revokedAt: null, createdAt: now },
          });
        }
      });
      const project: HexclaveProject = {
        id,
        keys: keys as HexclaveProject['keys'],
        async request(route, request = {}) {
          const reply = await send(stage.url, project, route, request);
          await holdToDocument(world(), stage.url, route, reply);
          return reply;
        },
        async signUp(email = stage.address(), secret = password) {
          const reply = await project.request('POST /auth/password/sign-up', { body: { email, password: secret } });
          if (reply.status !== 200) throw new Error(`sign-up answered ${reply.status} ${reply.text}`);
          return { ...reply.body, email };
        },
        context: async () => ctx,
        async mails(to) {
          await world().app.drainJobs();
          return ctx.store.read.mail.list({ to, limit: 100 });
        },
        async configure(overrides) {
          const { environment } = await ctx.store.read.project.overrides();
          await asSystem(ctx, (tx) =>
            tx.project.setOverrides('environment', { ...environment, ...overrides }, clock.now()),
          );
          await projects.reload(id);
        },
      };
      return project;
    },
  };
  return stage;
}

const contracts = new WeakMap<World, Contract>();

/** Every JSON answer is what the document of this surface says. */
async function holdToDocument(world: World, base: string, route: string, reply: HexclaveReply): Promise<void> {
  if (reply.body === undefined) return;
  let contract = contracts.get(world);
  if (!contract) {
    const published = await world.app.http.inject({ method: 'GET', url: '/hexclave/openapi.json' });
    contract = contractOf(published.json<ApiDocument>());
    contracts.set(world, contract);
  }
  const [method, path] = route.split(' ') as [string, string];
  // Clients may ask for 200 in place of the status of an error.
  const status = Number(reply.headers.get('x-stack-actual-status') ?? reply.status);
  contract(method, `${base}${path}`, status, reply.body);
}

const keyHeaders = {
  client: ['x-stack-publishable-client-key', 'publishable'],
  server: ['x-stack-secret-server-key', 'server'],
  admin: ['x-stack-super-secret-admin-key', 'admin'],
} as const;

let networks = 0;

async function send(
  base: string,
  project: HexclaveProject,
  route: string,
  { body, access = 'client', token, refreshToken, headers = {} }: HexclaveRequest,
): Promise<HexclaveReply> {
  const [method, path] = route.split(' ') as [string, string];
  networks += 1;
  const sent: Record<string, string> = {
    // A network of its own for each request, so that limits per network do not meet.
    'x-forwarded-for': `203.${(networks >> 8) & 255}.${networks & 255}.9`,
    'x-stack-allow-anonymous-user': 'true',
  };
  if (access !== null) {
    const [name, kind] = keyHeaders[access];
    Object.assign(sent, {
      'x-stack-access-type': access,
      'x-stack-project-id': project.id,
      [name]: project.keys[kind],
    });
  }
  if (token !== undefined) sent['x-stack-access-token'] = token;
  if (refreshToken !== undefined) sent['x-stack-refresh-token'] = refreshToken;
  if (body !== undefined) sent['content-type'] = 'application/json';
  const response = await fetch(`${base}${path === '/' ? '' : path}`, {
    method,
    redirect: 'manual',
    headers: { ...sent, ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, text, body: isJson ? JSON.parse(text) : undefined, headers: response.headers };
}
