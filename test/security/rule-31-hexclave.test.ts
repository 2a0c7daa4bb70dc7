import { beforeAll, expect, it } from 'vitest';
import { type HexclaveProject, hexclaveOnEveryEngine, type SignedIn } from '../kit/hexclave.ts';
import { snapshot } from '../kit/snapshot.ts';

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
  readonly format?: string;
  readonly minLength?: number;
}

/** A member that can name something: an id, a code, a token, an address. */
const names = /id$|ids$|code|token|email|value|api_key|cursor/i;

/** A value that passes the schema, where nothing better is known. */
function filler(name: string, schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.anyOf) return filler(name, schema.anyOf[0]!);
  if (/password/i.test(name)) return 'correct horse';
  if (schema.format === 'url') return 'http://localhost/x';
  if (schema.format?.includes('email')) return 'mallory2@example.com';
  if (schema.format === 'uuid') return '00000000-0000-4000-8000-000000000000';
  const samples: Record<string, unknown> = { number: 1, integer: 1, boolean: true, array: [], object: {} };
  if (schema.type && schema.type in samples) return samples[schema.type];
  return 'x'.repeat(schema.minLength ?? 1);
}

/** Somebody whose name and address are told to nobody of another project. */
const features = {
  'auth.otp.allowSignIn': true,
  'teams.allowClientTeamCreation': true,
  'apiKeys.enabled.user': true,
  'apiKeys.enabled.team': true,
  'users.allowClientUserDeletion': true,
};

hexclaveOnEveryEngine('rule 31 on Hexclave: a project never sees another’s', {}, (stage) => {
  let victims: HexclaveProject;
  let mallorys: HexclaveProject;
  let mallory: SignedIn;
  let victim: SignedIn;
  /** Everything of the victims' project that could be put into a request. */
  const known: Record<string, string> = {};

  beforeAll(async () => {
    victims = await stage.project(features);
    mallorys = await stage.project(features);
    mallory = await mallorys.signUp('mallory@example.com');
    const made = await victims.signUp('victim-canary@example.com');
    victim = made;
    const as = { token: made.access_token };
    const first = (list: { body: { items: { id: string }[] } }): string => list.body.items[0]!.id;
    await victims.request('PATCH /users/me', { ...as, body: { display_name: 'Victoria' } });
    const team = await victims.request('POST /teams', {
      ...as,
      body: { display_name: 'Acme of the victim', creator_user_id: 'me' },
    });
    const key = await victims.request('POST /user-api-keys', {
      ...as,
      body: { user_id: 'me', description: 'key', expires_at_millis: null },
    });
    const invitation = await victims.request('POST /team-invitations/send-code', {
      ...as,
      body: { team_id: team.body.id, email: 'invited-canary@example.com', callback_url: 'http://localhost/x' },
    });
    const keys = await victims.request('GET /internal/api-keys', { access: 'admin' });
    Object.assign(known, {
      user: made.user_id,
      email: 'victim-canary@example.com',
      refreshToken: made.refresh_token,
      accessToken: made.access_token,
      channel: first(await victims.request('GET /contact-channels?user_id=me', as)),
      session: first(await victims.request('GET /auth/sessions?user_id=me', as)),
      team: team.body.id,
      apiKey: key.body.id,
      apiKeyText: key.body.value,
      invitation: invitation.body.id,
      projectKeys: keys.body.items[0].id,
      project: victims.id,
    });
    for (const [name, value] of Object.entries(known)) {
      if (typeof value !== 'string') throw new Error(`there is no ${name} to try`);
    }
  });

  it.each(['client', 'server', 'admin'] as const)(
    'every operation with every id and token of the other, as %s: nothing shown, nothing changed',
    async (access) => {
      const { database } = stage.world;
      const before = await snapshot(database!, { projectId: victims.id });
      const document = (await (await fetch(`${stage.world.url}/hexclave/openapi.json`)).json()) as {
        paths: Record<string, Record<string, Operation>>;
      };
      let tried = 0;
      const told: string[] = [];
      for (const [path, operations] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(operations)) {
          const schema = operation.requestBody?.content['application/json']?.schema;
          const fields = Object.entries(schema?.properties ?? {});
          const parameters = operation.parameters.map(({ name }) => name);
          if (![...fields.map(([name]) => name), ...parameters].some((name) => names.test(name))) continue;
          // Mallory and her project stay what they are.
          if (method === 'delete' && /\/(?:me|current)$/.test(path)) continue;
          if (path.startsWith('/projects')) continue; // what is published is published
          if (path.startsWith('/integrations')) continue; // whoever found a leaked key ends it, whosever it is
          for (const [kind, value] of Object.entries(known)) {
            const put = (name: string, own: Schema) => (names.test(name) ? value : filler(name, own));
            const wanted = fields.filter(([name]) => names.test(name) || schema?.required?.includes(name));
            const body = Object.fromEntries(wanted.map(([name, own]) => [name, put(name, own)]));
            let target = path;
            const query = new URLSearchParams();
            for (const { name, in: place, schema: own } of operation.parameters) {
              const text = String(put(name, own));
              if (place === 'path') target = target.replace(`{${name}}`, encodeURIComponent(text));
              else if (names.test(name)) query.set(name, text);
            }
            const route = `${method.toUpperCase()} ${target}?${query}` as `${string} /${string}`;
            const reply = await mallorys.request(route, {
              access,
              token: mallory.access_token,
              ...(schema && { body }),
            });
            tried += 1;
            if (/Victoria|Acme of the victim|invited-canary/.test(reply.text))
              told.push(`${method} ${path} with ${kind}`);
            if (kind !== 'email' && reply.text.includes('victim-canary')) told.push(`${method} ${path} with ${kind}`);
            expect([method, path, kind, reply.status < 500]).toEqual([method, path, kind, true]);
          }
        }
      }
      expect(tried).toBeGreaterThan(200);
      expect(told).toEqual([]);
      expect(await snapshot(database!, { projectId: victims.id })).toEqual(before);
    },
  );

  it('and the victim notices nothing', async () => {
    const me = await victims.request('GET /users/me', { token: victim.access_token });
    expect(me.body).toMatchObject({ id: victim.user_id, display_name: 'Victoria' });
  });
});
