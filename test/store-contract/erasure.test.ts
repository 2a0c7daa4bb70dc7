import { expect, test } from 'vitest';
import { personTables } from '../../src/store/queries/person-tables.ts';
import {
  aCode,
  anApiKey,
  anIdentity,
  aPendingSignIn,
  hashOf,
  NOW,
  onEveryEngine,
  type ProjectWorld,
} from '../kit/store-world.ts';

/** Columns that refer to a person, as the database itself knows them: by foreign key or by name. */
const referring = {
  sqlite: `
    SELECT t.name AS "table", f."from" AS "column" FROM sqlite_master t, pragma_foreign_key_list(t.name) f
     WHERE t.type = 'table' AND f."table" = 'user' AND f."from" <> 'project_id'
    UNION SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c
     WHERE t.type = 'table' AND c.name = 'user_id'`,
  postgres: `
    SELECT k.conrelid::regclass::text AS "table", a.attname::text AS "column"
      FROM pg_constraint k, unnest(k.conkey) c(number), pg_attribute a
     WHERE k.contype = 'f' AND k.confrelid = '"user"'::regclass AND a.attrelid = k.conrelid AND a.attnum = c.number
       AND a.attname <> 'project_id'
    UNION SELECT table_name::text, column_name::text FROM information_schema.columns
     WHERE table_schema = current_schema() AND column_name = 'user_id'`,
};

onEveryEngine('Erasure of a person', (world, engine) => {
  const named = ([table, column]: readonly string[]) => `${table}.${column}`;

  test('covers every column of the schema that refers to a person', async () => {
    const found = await world.database.rows(referring[engine.name]);
    expect(found.length).toBeGreaterThan(10);
    const inSchema = found.map((row) => named([String(row.table), String(row.column)])).sort();
    expect(personTables.map(named).sort()).toEqual(inSchema);
  });

  /** A row of this person in every table that can hold one. */
  async function fillEveryTable(project: ProjectWorld): Promise<string> {
    const { id, store } = project;
    const { rows } = world.database;
    const { id: userId } = await project.person();
    const customer = await project.person();
    await project.session(userId);
    await project.session(customer.id, { impersonatorId: userId, method: 'impersonation' });
    await store.transaction(async (tx) => {
      await tx.users.setRoles(userId, ['admin'], userId, NOW);
      await tx.passwords.set({ userId, hash: 'h', setAt: NOW, changedAt: NOW, strongFrom: null });
      await tx.identities.insert(anIdentity(world.ids, userId));
      await tx.codes.insert(aCode(world.ids, { userId }));
      await tx.pendingSignIns.insert(aPendingSignIn(world.ids, userId));
      await tx.apiKeys.insert(anApiKey(world.ids, userId));
    });
    const next = world.ids.next;
    await rows(
      `INSERT INTO totp (project_id, id, user_id, state, secret_enc, issued_at, created_at, updated_at)
                  VALUES (?, ?, ?, 'active', ?, 1, 1, 1) RETURNING id`,
      [id, next(), userId, hashOf('t')],
    );
    await rows(
      `INSERT INTO totp_step (project_id, user_id, operation, last_step, created_at, updated_at)
                  VALUES (?, ?, 'sign_in', 1, 1, 1) RETURNING user_id`,
      [id, userId],
    );
    await rows(
      `INSERT INTO backup_code (project_id, id, user_id, set_id, code_mac, created_at, updated_at)
                  VALUES (?, ?, ?, ?, ?, 1, 1) RETURNING id`,
      [id, next(), userId, next(), hashOf('b')],
    );
    await rows(
      `INSERT INTO second_factor (project_id, user_id, mail_code_enabled, created_at, updated_at)
                  VALUES (?, ?, 1, 1, 1) RETURNING user_id`,
      [id, userId],
    );
    await rows(
      `INSERT INTO device (project_id, id, user_id, token_hash, last_seen_at, created_at, updated_at)
                  VALUES (?, ?, ?, ?, 1, 1, 1) RETURNING id`,
      [id, next(), userId, hashOf(`d ${userId}`)],
    );
    await rows(
      `INSERT INTO passkey (project_id, id, user_id, credential_id, public_key, counter, device_type, backed_up, rp_id,
                            made_by, created_at, updated_at)
                  VALUES (?, ?, ?, ?, ?, 0, 'singleDevice', 0, 'example.org', 'better-auth', 1, 1) RETURNING id`,
      [id, next(), userId, `credential ${userId}`, hashOf('p')],
    );
    await rows(
      `INSERT INTO file (project_id, id, namespace, key, user_id, content_type, public, state, driver, created_at, updated_at)
                  VALUES (?, ?, 'files', ?, ?, 'text/plain', 0, 'stored', 'disk', 1, 1) RETURNING id`,
      [id, next(), userId, userId],
    );
    const [organization, membership, team] = [next(), next(), next()];
    await rows(
      `INSERT INTO organization (project_id, id, name, slug, slug_normal, created_at, updated_at)
                  VALUES (?, ?, 'O', 'o', ?, 1, 1) RETURNING id`,
      [id, organization, organization],
    );
    await rows(
      `INSERT INTO membership (project_id, id, organization_id, user_id, created_at, updated_at)
                  VALUES (?, ?, ?, ?, 1, 1) RETURNING id`,
      [id, membership, organization, userId],
    );
    await store.transaction(async (tx) => {
      const roles = await tx.organizationRoles.named(organization, ['owner']);
      await tx.memberships.setRoles(
        membership,
        roles.map((role) => role.id),
        null,
        NOW,
      );
      await tx.teams.insert({ id: team, organizationId: organization, name: 'T', createdAt: NOW, updatedAt: NOW });
      await tx.teams.addMember({ id: next(), teamId: team, userId, createdAt: NOW });
      await tx.preferences.set(userId, next(), false, NOW);
      await tx.knownNetworks.note({ userId, networkMac: hashOf('n'), now: NOW, unlessSeenAfter: NOW, kept: 9 });
    });
    return userId;
  }

  const rowsLeft = async (userId: string) => {
    const left: string[] = [];
    for (const [table, column] of personTables) {
      const found = await world.database.rows(`SELECT 1 AS one FROM ${table} WHERE ${column} = ?`, [userId]);
      if (found.length > 0) left.push(named([table, column]));
    }
    return left;
  };

  test('leaves no row of theirs in any table, and their events', async () => {
    const project = await world.project();
    const userId = await fillEveryTable(project);
    const event = {
      id: world.ids.next(),
      type: 'account.deleted' as const,
      level: 'info' as const,
      visibility: 'internal' as const,
      publicAction: null,
      actorKind: 'user' as const,
      actorId: userId,
      subjectUserId: userId,
      organizationId: null,
      apiKeyId: null,
      sessionId: null,
      madeBy: 'better-auth',
      ip: null,
      userAgent: null,
      data: {},
      createdAt: NOW,
    };
    expect((await rowsLeft(userId)).sort()).toEqual(personTables.map(named).sort()); // the test itself forgets none
    await project.store.transaction(async (tx) => {
      await tx.events.insert(event);
      await tx.users.erase(userId);
    });
    expect(await rowsLeft(userId)).toEqual([]);
    expect(await project.store.read.users.find(userId)).toBeNull();
    expect(await project.store.read.events.listOf(userId, { limit: 9 })).toEqual([event]);
  });

  test('touches nobody else', async () => {
    const project = await world.project();
    const [alice, bob] = [await fillEveryTable(project), await project.person()];
    const kept = await project.session(bob.id);
    await project.store.transaction((tx) => tx.users.erase(alice));
    expect((await project.store.read.sessions.findByTokenHash(kept.tokenHash))?.user.id).toBe(bob.id);
  });

  test('of a person of another project does nothing', async () => {
    const [here, there] = [await world.project(), await world.project()];
    const userId = await fillEveryTable(there);
    await here.store.transaction((tx) => tx.users.erase(userId));
    expect(await rowsLeft(userId)).toHaveLength(personTables.length);
    expect(await there.store.read.users.find(userId)).not.toBeNull();
  });
});
