import { describe, expect, test } from 'vitest';
import type { Instant } from '../../src/base/clock.ts';
import type { Ended } from '../../src/core/store.ts';
import { sweptNames } from '../../src/jobs/sweep.ts';
import { type Lifetime, lifetimes } from '../../src/store/lifetimes.ts';
import { personTables } from '../../src/store/queries/person-tables.ts';
import { after, aJob, anApiKey, hashOf, NOW, onEveryEngine, type ProjectWorld } from '../kit/store-world.ts';

const rows = Object.entries(lifetimes) as [string, Lifetime][];

describe('Every table says when its rows end', () => {
  test('those that are swept name a sweep that there is, and every sweep has a table', () => {
    const named = rows.flatMap(([, lifetime]) => (lifetime.ends === 'swept' ? lifetime.by : []));
    expect(named.toSorted()).toEqual(sweptNames.toSorted());
  });

  test('those that end with a person are erased with them', () => {
    const erased = new Set<string>(personTables.map(([table]) => table));
    // The row of the person itself, and what hangs on a membership by a foreign key that deletes.
    const otherwise = ['user', 'membership_grant'];
    const ending = rows.filter(([name, { ends }]) => ends === 'person' && !otherwise.includes(name));
    expect(ending.filter(([name]) => !erased.has(name))).toEqual([]);
  });
});

onEveryEngine('What has ended', (world, engine) => {
  test('the list holds exactly the tables of the schema', async () => {
    const tables = await world.database.rows(
      engine.name === 'sqlite'
        ? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%VIRTUAL%'
           AND name NOT LIKE 'profile_terms_%'` // the index of texts, which belongs to profile_search
        : 'SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()',
    );
    const names = tables.map(({ name }) => String(name)).filter((name) => name !== 'schema_migration');
    expect(rows.map(([name]) => name).sort()).toEqual(names.sort());
  });

  /** One that ends then, of each kind. */
  const plant: Readonly<Record<Ended, (project: ProjectWorld, end: Instant) => Promise<unknown>>> = {
    kept_mail: ({ store }, end) =>
      store.transaction((tx) =>
        tx.mail.insert({
          ...{ id: world.ids.next(), to: 'a@example.org', from: 'b@example.org', subject: 's', text: 't', html: 'h' },
          ...{ links: [], createdAt: end },
        }),
      ),
    invitation: async (project, end) => {
      const [organization, code] = [world.ids.next(), world.ids.next()];
      await world.database.rows(
        `INSERT INTO organization (project_id, id, name, slug, slug_normal, created_at, updated_at)
                    VALUES (?, ?, 'O', 'o', ?, 1, 1) RETURNING id`,
        [project.id, organization, organization],
      );
      await world.database.rows(
        `INSERT INTO invitation (project_id, id, organization_id, address, address_normal, roles, team_ids, state, code_hash,
                                 expires_at, created_at, updated_at)
                    VALUES (?, ?, ?, 'a@example.org', 'a@example.org', '[]', '[]', 'pending', ?, ?, 1, 1) RETURNING id`,
        [project.id, world.ids.next(), organization, hashOf(code), end],
      );
    },
    username_hold: ({ store }, end) => store.transaction((tx) => tx.users.holdUsername(`name${end}`, end, 'deleted')),
    trusted_device: async (project, end) => {
      const { id } = await project.person();
      await world.database.rows(
        `INSERT INTO device (project_id, id, user_id, token_hash, trusted_until, last_seen_at, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, 1, 1, 1) RETURNING id`,
        [project.id, world.ids.next(), id, hashOf(`${id} ${end}`), end],
      );
    },
    parked_job: async ({ id, store }, end) => {
      const job = aJob(world.ids);
      await store.transaction((tx) => tx.jobs.insert(job));
      await world.database.rows(
        `UPDATE job SET state = 'parked', updated_at = ? WHERE project_id = ? AND id = ? RETURNING id`,
        [end, id, job.id],
      );
    },
    expired_key: async (project, end) => {
      const { id } = await project.person();
      const key = anApiKey(world.ids, id, { expiresAt: end });
      await project.store.transaction((tx) => tx.apiKeys.insert(key));
    },
    revoked_key: async (project, end) => {
      const { id } = await project.person();
      const key = anApiKey(world.ids, id, { revokedAt: end });
      await project.store.transaction((tx) => tx.apiKeys.insert(key));
    },
  };

  test.each(Object.keys(plant) as Ended[])('%s: goes once its time is over, and not before', async (kind) => {
    const project = await world.project();
    const sweep = () => project.store.transaction((tx) => tx.ended.sweep(kind, NOW, 10));
    await plant[kind](project, after(-1));
    await plant[kind](project, NOW);
    await plant[kind](await world.project(), after(-2));
    expect(await sweep()).toBe(1);
    expect(await sweep()).toBe(0);
  });
});
