import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from '../kit/browser.ts';
import { engines, type TestDatabase } from '../kit/engines.ts';
import { snapshot } from '../kit/snapshot.ts';
import { otherPassword, password, tokenIn } from '../kit/stage.ts';
import { aProject } from '../kit/test-config.ts';
import { createWorld, type World } from '../kit/world.ts';

interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
}

/** A member that can name something: an id, a handle, a token, a code. */
const names = /id$|token|state|code|slug|email|username|^value$/i;

/** A value that passes the schema, where nothing better is known. */
function filler(name: string, schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf) return filler(name, schema.anyOf[0]!);
  if (/password/i.test(name)) return password;
  const samples: Record<string, unknown> = { number: 1, integer: 1, boolean: true, array: [], object: {} };
  return schema.type && schema.type in samples ? samples[schema.type] : 'member';
}

for (const engine of engines) {
  describe(`rule 31: a project never sees another's [${engine.name}]`, () => {
    let database: TestDatabase;
    let one: World;
    let two: World;
    let mallory: Browser;
    let victim: Browser;
    /** Everything of project two that could be put into a request. */
    let known: Record<string, string>;
    const victimEmail = 'victim@example.com';

    beforeAll(async () => {
      database = await engine.create();
      const policy = { 'users.selfDeletion': true, 'users.deletionProof': 'mail' };
      const projects = [aProject({ key: 'one', policy }), aProject({ key: 'two', policy })];
      const mounted = (project: string, seed: number, order: typeof projects) =>
        createWorld({
          database: database.config,
          projects: order,
          seed,
          contract: false, // its own tests see to that
          mounts: { 'better-auth': { kind: 'path', prefix: '/better-auth', project } },
        });
      one = await mounted('one', 11, projects);
      two = await mounted('two', 22, [...projects].reverse());

      victim = two.browser();
      const signedUp = await victim.post('/sign-up/email', {
        email: victimEmail,
        password,
        name: 'Victoria',
        username: 'victoria',
      });
      const verification = tokenIn((await two.mail(victimEmail)).links[0]!);
      const other = two.browser();
      await other.post('/sign-in/email', { email: victimEmail, password });
      await two.browser().post('/request-password-reset', { email: victimEmail });
      const reset = tokenIn((await two.mail(victimEmail)).links[0]!);
      await victim.post('/delete-user');
      const deletion = tokenIn((await two.mail(victimEmail)).links[0]!);
      await victim.post('/change-email', { newEmail: 'victim2@example.com' });
      const change = tokenIn((await two.mail('victim2@example.com')).links[0]!);
      const { session } = (await victim.get('/get-session')).body;
      const { id: otherSession } = (await other.get('/get-session')).body.session;
      known = {
        user: signedUp.body.user.id,
        token: signedUp.body.token,
        session: session.id,
        otherSession,
        ...{ verification, reset, deletion, change, email: victimEmail, username: 'victoria' },
      };
      const organization = await victim.post('/organization/create', { name: 'Acme', slug: 'acme-two' });
      if (organization.status === 200)
        Object.assign(known, {
          organization: organization.body.id,
          slug: 'acme-two',
          member: organization.body.members?.[0]?.id,
        });
      const key = await victim.post('/api-key/create', { name: 'key' });
      if (key.status === 200) Object.assign(known, { apiKey: key.body.id, apiKeyText: key.body.key });

      mallory = one.browser();
      await mallory.post('/sign-up/email', { email: 'mallory@example.com', password, name: 'Mallory' });
    });
    afterAll(async () => {
      await one?.close();
      await two?.close();
      await database?.drop();
    });

    test('one address, two people', async () => {
      const reply = await one
        .browser()
        .post('/sign-up/email', { email: victimEmail, password: otherPassword, name: 'V' });
      expect(reply.status).toBe(200);
      expect(reply.body.user.id).not.toBe(known.user);
      expect((await one.browser().post('/sign-in/email', { email: victimEmail, password })).status).toBe(401);
      expect((await two.browser().post('/sign-in/email', { email: victimEmail, password: otherPassword })).status).toBe(
        401,
      );
    });

    test('a session of the one is none in the other, as cookie or bearer', async () => {
      const cookie = await victim.jar.getCookieString(victim.base);
      expect((await one.browser().get('/get-session', { cookie })).text).toBe('null');
      expect((await one.browser().get('/get-session', { authorization: `Bearer ${known.token}` })).text).toBe('null');
      expect((await two.browser().get('/get-session', { cookie })).body.user.name).toBe('Victoria');
    });

    test('every operation with every id and token of the other: nothing shown, nothing changed', async () => {
      const projectId = two.app.mainProject.project.id;
      const before = await snapshot(database, { projectId });
      const document = (await (await fetch(`${one.url}/better-auth/openapi.json`)).json()) as {
        paths: Record<string, Record<string, Operation>>;
      };
      const shown: string[] = [];
      let tried = 0;
      for (const [path, operations] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(operations)) {
          const schema = operation.requestBody?.content['application/json']?.schema;
          const fields = Object.entries(schema?.properties ?? {});
          const parameters = operation.parameters.map(({ name, schema: own }) => [name, own] as const);
          if (![...fields, ...parameters].some(([name]) => names.test(name))) continue;
          // Mallory stays who she is: these would end her session, not the victim's.
          if (/sign-out|sign-in|sign-up|delete-user$|revoke-sessions$/.test(path) && !/token/.test(path)) {
            if (path !== '/sign-in/email' && path !== '/sign-in/username') continue;
          }
          for (const [kind, value] of Object.entries(known)) {
            const put = (name: string, own: Schema) => (names.test(name) ? value : filler(name, own));
            const wanted = fields.filter(([name]) => names.test(name) || schema?.required?.includes(name));
            const body = Object.fromEntries(wanted.map(([name, own]) => [name, put(name, own)]));
            let target = path;
            const query = new URLSearchParams();
            for (const parameter of operation.parameters) {
              const text = String(put(parameter.name, parameter.schema));
              if (parameter.in === 'path') target = target.replace(`{${parameter.name}}`, encodeURIComponent(text));
              else if (parameter.name !== 'callbackURL') query.set(parameter.name, text);
            }
            const reply = await mallory.send(
              method.toUpperCase(),
              `${target}?${query}`,
              method === 'get' ? undefined : body,
            );
            tried += 1;
            const told = Object.entries(known).find(
              ([, secret]) => secret && secret !== value && reply.text.includes(secret),
            );
            if (told || /Victoria|Acme/.test(reply.text)) shown.push(`${method} ${path} with ${kind}: ${reply.text}`);
            expect([method, path, kind, reply.status < 500]).toEqual([method, path, kind, true]);
          }
        }
      }
      expect(tried).toBeGreaterThan(100);
      expect(shown).toEqual([]);
      expect(await snapshot(database, { projectId })).toEqual(before);
      expect((await victim.get('/get-session')).body.user.name).toBe('Victoria');
    });

    test('and all of it still works where it belongs', async () => {
      expect((await two.browser().get(`/verify-email?token=${known.verification}`)).status).toBe(200);
      expect((await victim.get(`/verify-email?token=${known.change}`)).body.user.email).toBe('victim2@example.com');
    });
  });
}
