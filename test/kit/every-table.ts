import { createHash } from 'node:crypto';
import { storagePath } from '../../src/core/files/stored-file.ts';
import type { Person } from '../../src/core/users/user.ts';
import { plantEverything } from './alive.ts';
import type { CoreWorld } from './core-world.ts';

/** Text that something on the way might change: quotes, control characters, line ends of all kinds, other planes. */
export const oddText = '"\'\\ \u0001\u007f\t\r\n\u2028 e\u0301 \u{1F600} \u{10FFFF} \ufeff ﷽ null [1] {"a":1} \\u0041';
/** Larger than a JavaScript number is exact. */
export const largeInteger = '9007199254740993';
export const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** A person for whom everything is alive, and a row of every table that this does not fill. */
export async function plantEveryTable(world: CoreWorld): Promise<Person> {
  const person = await world.person({ displayName: 'Grace' });
  await plantEverything(world, person);
  const ctx = world.context();
  const project_id = ctx.project.id;
  const user_id = person.id;
  const now = ctx.clock.now();
  const times = { created_at: now, updated_at: now };
  const id = () => ctx.ids.next();
  const hash = (text: string) => ctx.vault.digest(text);

  async function insert(table: string, row: Readonly<Record<string, unknown>>): Promise<void> {
    const columns = Object.keys(row);
    const text = `INSERT INTO "${table}" (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    await world.database.rows(text, Object.values(row));
  }

  await insert('instance', { key: 'a fact', value: '{"version": 2,  "was":[1]}', ...times });
  await insert('project_config', { project_id, level: 'branch', overrides: '{}', version: 3, ...times });
  await insert('project_secret', { project_id, name: 'a secret', value_enc: everyByte, ...times });
  await insert('project_key', {
    ...{ project_id, id: id(), set_id: id(), kind: 'server', key_hash: hash('key'), last4: 'abcd', description: '' },
    ...times,
  });
  await insert('provider_config', { project_id, key: 'odd', type: 'oidc', display_name: oddText, ...times });
  await insert('signing_key', {
    ...{ project_id, id: id(), purpose: 'test', kid: 'kid', alg: 'EdDSA', private_enc: everyByte, state: 'retired' },
    ...times,
  });
  await insert('totp_step', { project_id, user_id, operation: 'odd', last_step: BigInt(largeInteger), ...times });
  await insert('notification_preference', { project_id, user_id, category_id: id(), enabled: 0, ...times });
  await insert('username_hold', { project_id, normal: 'gone', until: null, reason: 'deleted', ...times });

  const [organization_id, membership_id, team_id] = [id(), id(), id()];
  const named = { name: oddText, slug: 'Org', slug_normal: 'org', metadata_server: JSON.stringify({ a: oddText }) };
  await insert('organization', { project_id, id: organization_id, ...named, ...times });
  await insert('membership', { project_id, id: membership_id, organization_id, user_id, ...times });
  const [role] = await world.database.rows('SELECT id FROM grantable WHERE project_id = ? ORDER BY id', [project_id]);
  const grant = { project_id, grantable_id: role!.id, position: 1, ...times };
  await insert('membership_grant', { membership_id, ...grant });
  await insert('user_grant', { user_id, ...grant });
  await insert('invitation', {
    ...{ project_id, id: id(), organization_id, address: 'a@b.example', address_normal: 'a@b.example', roles: '[]' },
    ...{ team_ids: '[]', state: 'pending', code_hash: hash('invitation'), expires_at: now, ...times },
  });
  await insert('team', { project_id, id: team_id, organization_id, name: 'Team', ...times });
  await insert('team_member', { project_id, id: id(), team_id, user_id, ...times });
  await insert('event', {
    ...{ project_id, id: id(), type: 'odd', level: 'info', visibility: 'public', actor_kind: 'system' },
    ...{ made_by: 'cli', data: '{}', created_at: now, public_action: 'profile_changed', position: 2 },
  });
  await world.database.rows('UPDATE public_log SET last_position = 2 WHERE project_id = ?', [project_id]);

  const login = { project_id, polling_hash: hash('p'), login_hash: hash('l'), expires_at: now };
  await insert('cli_login', { id: id(), ...login, ...times });
  const mail = { to_address: 'a', from_address: 'b', subject: 's', text: 't', html: 'h', links: '[]' };
  await insert('mail_capture', { project_id, id: id(), ...mail, ...times });
  await insert('job', {
    project_id,
    id: id(),
    kind: 'send_mail',
    state: 'ready',
    run_at: now,
    max_attempts: 1,
    ...times,
  });
  await insert('node', {
    id: 'n',
    name: 'here',
    version: '1',
    config: '{}',
    clock_ahead_ms: 0,
    started_at: now,
    seen_at: now,
  });
  await insert('limit_counter', { key_mac: everyByte, window_start: now, count: 1, expires_at: now });
  await plantFile(world, everyByte);
  return person;
}

/** A stored file with its row. @returns its path */
export async function plantFile(world: CoreWorld, bytes: Uint8Array): Promise<string> {
  const { database } = world;
  const ctx = world.context();
  const sha256 = createHash('sha256').update(bytes).digest();
  const place = { namespace: 'user-images', key: `${sha256.toString('hex')}.webp` };
  await database.rows(
    `INSERT INTO file (project_id, id, namespace, key, content_type, size, sha256, public, state, driver, created_at, updated_at)
     VALUES (?, ?, ?, ?, 'image/webp', ?, ?, 1, 'stored', 'disk', 1, 1)`,
    [ctx.project.id, ctx.ids.next(), place.namespace, place.key, bytes.length, sha256],
  );
  const path = storagePath(ctx.project.id, place);
  await ctx.files.put(path, bytes);
  return path;
}
