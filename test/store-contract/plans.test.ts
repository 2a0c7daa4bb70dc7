import type { CompiledQuery, KyselyPlugin } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scopeTerm } from '../../src/core/search/profile-terms.ts';
import { createSessionCache } from '../../src/core/sessions/session-cache.ts';
import type { Reads } from '../../src/core/store.ts';
import { kindOf, personFields, type QueryField } from '../../src/core/users/user-query.ts';
import type { Engine } from '../../src/store/engine.ts';
import { openPostgres } from '../../src/store/postgres/open-postgres.ts';
import { projectStore } from '../../src/store/project-store.ts';
import { writeTerms } from '../../src/store/queries/profile-index.ts';
import { openSqlite } from '../../src/store/sqlite/open-sqlite.ts';
import { NOW, onEveryEngine, type ProjectWorld, type StoreWorld } from '../kit/store-world.ts';

// What a list or a search costs must not hang on when somebody last took statistics: from almost empty tables a planner
// believes that any order of a join will do. PostgreSQL takes them anew within a minute while tables grow; SQLite does
// not, so a server that starts drops what somebody took, and plans as it was tested.

const people = 3_000;
const everybody = { search: null, filter: null, sort: null, limit: 50, offset: 0 };
const values = {
  ...{ text: ['a'], truth: [true], time: [NOW], number: [1] },
  ...{ moment: ['2026-01-01T00:00:00.000Z'], list: ['[]'] },
};
const members: readonly QueryField[] = (['text', 'number', 'truth', 'moment', 'list'] as const).map((kind) => ({
  ...{ group: 'metadataClient', member: kind, kind, fallback: null },
}));
const named = (field: QueryField) => (typeof field === 'string' ? field : `a member that is a ${field.kind}`);

/** Every list and search that people may be many in. */
const questions: Readonly<Record<string, (reads: Reads, project: ProjectWorld, person: string) => Promise<unknown>>> = {
  'people by part of a name': ({ users }) => users.list({ search: 'Person 1', limit: 50 }),
  'people after one': ({ users }, _, person) => users.list({ limit: 50, after: person }),
  ...Object.fromEntries(
    [...personFields, ...members].map((field) => [
      `a page sorted by ${named(field)}`,
      ({ users }: Reads) => users.page({ ...everybody, sort: { field, direction: 'desc' }, offset: 100 }),
    ]),
  ),
  ...Object.fromEntries(
    [...personFields, ...members].map((field) => [
      `a page filtered by ${named(field)}`,
      ({ users }: Reads) =>
        users.page({ ...everybody, filter: { field, operator: 'eq', values: values[kindOf(field)] } }),
    ]),
  ),
  'a page searched by address': ({ users }) =>
    users.page({ ...everybody, search: { field: 'email', operator: 'contains', text: '1@' } }),
  'people by when they signed up': ({ users }, _, person) =>
    users.browse({
      orderBy: 'signedUpAt',
      descending: true,
      anonymous: 'with',
      restricted: true,
      mustVerify: false,
      limit: 50,
      from: person,
    }),
  'people by the start of an id': ({ users }, _, person) => users.listByIdStart(person.slice(0, 19)),
  'people by part of an address': ({ users }) =>
    users.browse({
      orderBy: 'signedUpAt',
      descending: false,
      anonymous: 'without',
      restricted: false,
      mustVerify: true,
      search: 'person1',
    }),
  'profiles by a word': ({ profiles }, { id }) =>
    profiles.matching([every(id), [{ term: 'nperson', prefix: false }]], 50),
  'profiles by a beginning': ({ profiles }, { id }) =>
    profiles.matching([every(id), [{ term: 'nper', prefix: true }]], 50),
  'sessions of one': ({ sessions }, _, person) => sessions.listOf(person, NOW),
  'events of one': ({ events }, _, person) => events.listOf(person, { limit: 50 }),
  'public events': ({ events }) => events.listPublic({ actions: ['account.created' as never] }, { limit: 50 }),
  'organizations by name': ({ organizations }) => organizations.page({ search: 'o', descending: true, limit: 50 }),
  'organizations of one': ({ organizations }, _, person) => organizations.listOf(person),
  'members of one': ({ memberships }, _, person) => memberships.listOfUser(person),
  'invitations to one': ({ invitations }) => invitations.listFor(['person1@example.org'], NOW),
};
const every = (projectId: string) => [{ term: scopeTerm(projectId, false), prefix: false }];

onEveryEngine('Statistics', (world, { name }) => {
  let engine: Engine;
  let project: ProjectWorld;
  let reads: Reads;
  let person: string;
  const asked: CompiledQuery[] = [];

  beforeAll(async () => {
    const { config } = world.database;
    engine = config.engine === 'sqlite' ? await openSqlite(config.file) : await openPostgres(config, () => {});
    const remember: KyselyPlugin = {
      transformQuery({ node, queryId }) {
        asked.push(engine.reader.getExecutor().compileQuery(node, queryId));
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    project = await world.project();
    const watched = { ...engine, reader: engine.reader.withPlugin(remember) };
    const hooks = { sessionCache: createSessionCache(1) };
    reads = projectStore(watched, { name: 'none', sql: '' }, world.clock, project.id, hooks).read;
    person = await fill(world, engine, project);
  });
  afterAll(() => engine?.close());

  /** How many rows the steps of a question touch, or how many of its steps walk through everybody. */
  async function cost(query: CompiledQuery): Promise<number> {
    if (name === 'sqlite') {
      const steps = await world.database.rows(`EXPLAIN QUERY PLAN ${query.sql}`, query.parameters);
      return steps.filter(({ detail }) => walks(String(detail))).length;
    }
    const [row] = await explainOnPostgres(world, query);
    const [{ Plan: plan }] = row!['QUERY PLAN'] as [{ Plan: Step }];
    return touched(plan);
  }

  for (const when of name === 'sqlite' ? ['from almost empty tables', 'from full tables'] : ['from full tables']) {
    describe(when, () => {
      beforeAll(async () => {
        if (when === 'from full tables') await world.database.rows('ANALYZE');
        else expect(await world.database.rows('SELECT 1 FROM sqlite_stat1')).not.toEqual([]);
        await world.opened.migrate();
      });

      test.each(Object.keys(questions))('%s: each question walks through everybody once at most', async (question) => {
        asked.length = 0;
        await questions[question]!(reads, project, person);
        expect(asked.length).toBeGreaterThan(0);
        for (const query of [...asked]) {
          expect(await cost(query), query.sql).toBeLessThanOrEqual(name === 'sqlite' ? 1 : 8 * people);
        }
      });
    });
  }
});

/** Steps of SQLite's plan that look at everybody of a project, or of all projects. */
const walks = (step: string): boolean =>
  /^SCAN (?!CONSTANT|subquery|\(subquery|profile_terms VIRTUAL TABLE INDEX \d+:M)/i.test(step)
    ? !/LIST SUBQUERY/.test(step)
    : /^SEARCH .*\(project_id=\?\)$/.test(step);

interface Step {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Step[];
}

function touched(step: Step): number {
  const own = (step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0)) * step['Actual Loops'];
  return own + (step.Plans ?? []).reduce((sum, inner) => sum + touched(inner), 0);
}

/** The values are written into the text: a plan with parameters could not be asked for. */
function explainOnPostgres({ database }: StoreWorld, { sql, parameters }: CompiledQuery) {
  const literal = (value: unknown): string =>
    typeof value === 'number' ? String(value) : value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`;
  const text = sql.replaceAll(/\$(\d+)/g, (_, place) => literal(parameters[Number(place) - 1]));
  return database.rows(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`);
}

/** Statistics are taken while there is one row of each kind; then the others come. Returns one of the people. */
async function fill(world: StoreWorld, engine: Engine, project: ProjectWorld): Promise<string> {
  const { rows } = world.database;
  const sample = await project.person({ address: 'person0@example.org', displayName: 'Person 0' });
  await project.session(sample.id);
  const organization = world.ids.next();
  await rows(
    `INSERT INTO organization (project_id, id, name, slug, slug_normal, created_at, updated_at)
     VALUES (?, ?, 'O', 'o', ?, 1, 1) RETURNING id`,
    [project.id, organization, organization],
  );
  await rows(
    `INSERT INTO membership (project_id, id, organization_id, user_id, created_at, updated_at)
     VALUES (?, ?, ?, ?, 1, 1) RETURNING id`,
    [project.id, world.ids.next(), organization, sample.id],
  );
  await rows('ANALYZE');
  const user = `'u' || n`;
  await multiply(world, '"user"', { id: user, display_name: `'Person ' || n`, signed_up_at: 'n' });
  await multiply(world, 'email', {
    ...{ id: `'e' || n`, user_id: user, normal: `'person' || n || '@example.org'` },
    value: `'person' || n || '@example.org'`,
  });
  const hash = engine.name === 'sqlite' ? `cast(printf('%032d', n) as blob)` : `decode(lpad(n::text, 64, '0'), 'hex')`;
  await multiply(world, 'session', { id: `'s' || n`, user_id: user, token_hash: hash });
  await multiply(world, 'membership', { id: `'m' || n`, user_id: user });
  const profiles = Array.from({ length: people }, (_, n) => ({
    ...{ projectId: project.id, userId: `u${n + 1}` },
    profile: { ...sample, displayName: `Person ${n + 1}` },
  }));
  await writeTerms(engine.writer, engine.name, profiles);
  return `u${people / 2}`;
}

/** As many rows like the one that is there, with other values in these columns; `n` counts. */
async function multiply({ database }: StoreWorld, table: string, others: Readonly<Record<string, string>>) {
  const [row] = await database.rows(`SELECT * FROM ${table}`);
  const columns = Object.keys(row!);
  const chosen = columns.map((column) => others[column] ?? `"${column}"`);
  await database.rows(
    `INSERT INTO ${table} (${columns.map((column) => `"${column}"`).join(', ')})
     WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ${people})
     SELECT ${chosen.join(', ')} FROM counted CROSS JOIN ${table} RETURNING 1`,
  );
}
