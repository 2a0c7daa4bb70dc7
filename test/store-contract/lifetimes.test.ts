import { describe, expect, test } from 'vitest';
import type { Instant } from '../../src/base/clock.ts';
import type { Ended } from '../../src/core/store.ts';
import { sweptNames } from '../../src/jobs/sweep.ts';
import { type Lifetime, lifetimes } from '../../src/store/lifetimes.ts';
import { personTables } from '../../src/store/queries/person-tables.ts';
import {
  aCode,
  after,
  aJob,
  anApiKey,
  aPendingSignIn,
  hashOf,
  NOW,
  onEveryEngine,
  type ProjectWorld,
} from '../kit/store-world.ts';

const rows = Object.entries(lifetimes) as [string, Lifetime][];

describe('Every table says when its rows end', () => {
  test('those that are swept name a sweep that there is, and every sweep has a table', () => {
    const named = rows.flatMap(([, lifetime]) => (lifetime.ends === 'swept' ? lifetime.by : (lifetime.also ?? [])));
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

  const anOrganization = async (project: ProjectWorld, deletedAt: Instant | null = null) => {
    const id = world.ids.next();
    await world.database.rows(
      `INSERT INTO organization (project_id, id, name, slug, slug_normal, deleted_at, created_at, updated_at)
                  VALUES (?, ?, 'O', 'o', ?, ?, 1, 1) RETURNING id`,
      [project.id, id, id, deletedAt],
    );
    return id;
  };
  const anInvitation = (project: ProjectWorld, organization: string, end: Instant) =>
    world.database.rows(
      `INSERT INTO invitation (project_id, id, organization_id, address, address_normal, roles, team_ids, state, code_hash,
                               expires_at, created_at, updated_at)
                  VALUES (?, ?, ?, 'a@example.org', 'a@example.org', '[]', '[]', 'pending', ?, ?, 1, 1) RETURNING id`,
      [project.id, world.ids.next(), organization, hashOf(world.ids.next()), end],
    );
  const aProjectKey = ({ store }: ProjectWorld, ended: { expiresAt: Instant | null; revokedAt: Instant | null }) =>
    store.transaction((tx) =>
      tx.projectKeys.insert({
        ...{ id: world.ids.next(), setId: world.ids.next(), kind: 'server', description: '', createdAt: NOW },
        ...{ keyHash: hashOf(world.ids.next()), last4: 'abcd', ...ended },
      }),
    );

  /** One that ends then, of each kind. */
  const plant: Readonly<Record<Ended, (project: ProjectWorld, end: Instant) => Promise<unknown>>> = {
    kept_mail: ({ store }, end) =>
      store.transaction((tx) =>
        tx.mail.insert({
          ...{ id: world.ids.next(), to: 'a@example.org', from: 'b@example.org', subject: 's', text: 't', html: 'h' },
          ...{ links: [], createdAt: end },
        }),
      ),
    invitation: async (project, end) => anInvitation(project, await anOrganization(project), end),
    // With what hangs on it.
    deleted_organization: async (project, end) => {
      const organization = await anOrganization(project, end);
      await anInvitation(project, organization, after(1e9));
      const key = { ...anApiKey(world.ids, ''), ownerUserId: null, ownerOrganizationId: organization };
      await project.store.transaction((tx) => tx.apiKeys.insert(key));
    },
    expired_project_key: (project, end) => aProjectKey(project, { expiresAt: end, revokedAt: null }),
    revoked_project_key: (project, end) => aProjectKey(project, { expiresAt: null, revokedAt: end }),
    session: async (project, end) => project.session((await project.person()).id, { expiresAt: end }),
    pending_sign_in: async ({ store, person }, end) => {
      const pending = aPendingSignIn(world.ids, (await person()).id, { expiresAt: end });
      await store.transaction((tx) => tx.pendingSignIns.insert(pending));
    },
    one_time_value: ({ store }, end) =>
      store.transaction((tx) => tx.codes.insert(aCode(world.ids, { expiresAt: end }))),
    cli_login: ({ store }, end) =>
      store.transaction((tx) =>
        tx.cliLogins.insert({
          ...{ id: world.ids.next(), pollingHash: hashOf(world.ids.next()), loginHash: hashOf(world.ids.next()) },
          ...{ anonymousSessionId: null, anonymousToken: null, anonymousClaimedAt: null },
          ...{
            sessionId: null,
            sessionToken: null,
            approvedAt: null,
            redeemedAt: null,
            expiresAt: end,
            createdAt: NOW,
          },
        }),
      ),
    known_network: async ({ store, person }, end) => {
      const { id: userId } = await person();
      await store.transaction((tx) =>
        tx.knownNetworks.note({ userId, networkMac: hashOf('n'), now: end, unlessSeenAfter: NOW, kept: 9 }),
      );
    },
    done_job: async (project, end) => {
      const job = aJob(world.ids);
      await project.store.transaction((tx) => tx.jobs.insert(job));
      await world.database.rows(
        `UPDATE job SET state = 'done', updated_at = ? WHERE project_id = ? AND id = ? RETURNING id`,
        [end, project.id, job.id],
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
    const any = () => project.store.read.ended.any(kind, NOW);
    expect([await any(), await sweep(), await any(), await sweep()]).toEqual([true, 1, false, 0]);
  });
});
