import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { days, later } from '../../src/base/clock.ts';
import { asSystem } from '../../src/core/acting.ts';
import type { Anonymous, UserActor } from '../../src/core/actor.ts';
import { trustDevice } from '../../src/core/factors/trusted-device.ts';
import { setUserImage } from '../../src/core/files/set-user-image.ts';
import { bareIdentity } from '../../src/core/identities/write-identity.ts';
import { queueMail } from '../../src/core/mail/queue-mail.ts';
import { readMetadata } from '../../src/core/metadata.ts';
import { ownUrl } from '../../src/core/return-urls.ts';
import { sweep } from '../../src/jobs/sweep.ts';
import { aPasskey } from '../kit/alive.ts';
import type { Browser } from '../kit/browser.ts';
import { stageOf as hexclaveOf } from '../kit/hexclave.ts';
import { pngOf } from '../kit/images.ts';
import { organizations } from '../kit/organization.ts';
import { onEveryEngine, password, type Stage } from '../kit/stage.ts';

/** Somebody whose every word has a mark in it, and who left it wherever a person can. */
interface Marked {
  readonly mark: string;
  readonly ip: string;
  readonly id: string;
  readonly email: string;
  readonly browser: Browser;
}

let people = 0;

async function leaveMarksEverywhere(stage: Stage, org: ReturnType<typeof organizations>): Promise<Marked> {
  const { world } = stage;
  people += 1;
  const mark = `canary${people}x`;
  const ip = `198.51.100.${70 + people}`;
  const headers = { 'x-forwarded-for': ip, 'user-agent': `Browser of ${mark}` };
  const browser = world.browser(headers);
  const email = `${mark}@example.net`;
  const person = { email, password, name: `Name ${mark}`, username: `${mark}_handle`, plan: `plan ${mark}` };
  const { user } = (await browser.post('/sign-up/email', person)).body;
  const { id } = user;
  await stage.browser().get((await world.mail(email)).links[0]!);
  await stage.ban(id);
  await stage.unban(id);
  await world.browser(headers).post('/sign-in/email', { email, password: 'wrong one' });
  await browser.post('/sign-in/email', { email, password });
  await browser.post('/request-password-reset', { email });
  await browser.post('/email-otp/send-verification-otp', { email, type: 'sign-in' });
  await browser.post('/update-user', { name: `Another name ${mark}`, image: `https://example.net/${mark}.png` });
  await browser.post('/api-key/create', { name: `key ${mark}`, metadata: { of: mark } });

  // One organization that ends with the person, one that was deleted before, one that stays, and one that invited them.
  const make = async (name: string) =>
    (await browser.post('/organization/create', { name, slug: `${mark}-${name}`, metadata: { of: mark } })).body.id;
  await make('nest');
  await browser.post('/organization/delete', { organizationId: await make('old') });
  const theirs = await org.found();
  const { id: invitationId } = await org.invite(theirs, email);
  await browser.post('/organization/accept-invitation', { invitationId });
  await org.invite(await org.found(), email);

  const ctx = world.app.mainProject.context('better-auth');
  const from: Anonymous['from'] = { ip, userAgent: headers['user-agent'] };
  const [session] = await ctx.store.read.sessions.listOf(id, ctx.clock.now());
  const live = (await ctx.store.read.sessions.findLive(session!.id))!;
  const actor: UserActor = { kind: 'user', from, live };
  for (const slot of ['profile', 'banner'] as const) {
    await setUserImage(ctx, actor, { slot, bytes: await pngOf(people * 2 + (slot === 'banner' ? 1 : 0)) });
  }
  await world.database!.rows('UPDATE membership SET display_name = ? WHERE user_id = ? RETURNING id', [
    `M ${mark}`,
    id,
  ]);
  await asSystem(ctx, async (tx) => {
    const now = ctx.clock.now();
    const metadata = { of: mark };
    await tx.users.update(
      id,
      {
        ...{ bio: `Bio ${mark}`, profilePublic: true, restrictedPrivate: `Note ${mark}` },
        metadataReadonly: readMetadata('metadataReadonly', metadata),
        metadataServer: readMetadata('metadataServer', metadata),
      },
      now,
    );
    await trustDevice(ctx, tx, actor, live.user);
    await tx.passkeys.insert({ ...aPasskey(ctx, id), name: `Passkey ${mark}` });
    const known = { userId: id, provider: 'github', subject: mark, email, allowSignIn: true, allowConnect: true };
    await tx.identities.insert({ ...bareIdentity(ctx, known), profile: readMetadata('metadata', metadata) });
    await tx.pendingSignIns.insert({
      ...{ id: ctx.ids.next(), userId: id, tokenHash: ctx.vault.digest(mark), madeBy: 'better-auth' as const },
      ...{
        firstMethod: 'password' as const,
        persistent: true,
        isNewUser: false,
        ...from,
        returnTo: ownUrl('', `/${mark}`),
      },
      ...{ mailCodeMac: null, mailCodeExpiresAt: null, mailCodeAttempts: 0, attempts: 0, maxAttempts: 5 },
      ...{ expiresAt: later(now, 600_000), completedAt: null, voidedAt: null, createdAt: now },
    });
    // Under way when the person leaves.
    await queueMail(ctx, tx, email, { kind: 'notice', notice: 'passkey_added' }, from, { dedupeKey: 'once' });
  });
  await browser.post('/sign-out');
  await browser.post('/sign-in/email', { email, password });
  return { mark, ip, id, email, browser };
}

/** Every column of the database, and what is in it. */
async function* columnsOf({ world }: Stage): AsyncGenerator<readonly [place: string, value: unknown]> {
  const database = world.database!;
  const sqlite = database.config.engine === 'sqlite';
  const columns = await database.rows(
    sqlite
      ? `SELECT t.name AS "table", c.name AS "column" FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'`
      : `SELECT table_name::text AS "table", column_name::text AS "column" FROM information_schema.columns
          WHERE table_schema = current_schema()`,
  );
  for (const { table, column } of columns) {
    // Numbers of the search index are larger than JavaScript's; nothing personal is one.
    const text = sqlite ? `WHERE typeof("${column}") IN ('text', 'blob')` : '';
    const rows = await database.rows(`SELECT "${column}" AS value FROM "${table}" ${text}`);
    for (const { value } of rows) yield [`${table}.${column}`, value];
  }
}

/** Where any of these words is: columns, and files. */
async function whereIs(stage: Stage, words: readonly string[]): Promise<string[]> {
  const { dataDir } = stage.world;
  const found = new Set<string>();
  for await (const [place, value] of columnsOf(stage)) {
    const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
    if (words.some((word) => text.toLowerCase().includes(word))) found.add(place);
  }
  const folder = join(dataDir, 'files');
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  for (const file of files.filter((name) => /\.\w+$/.test(name))) {
    const bytes = readFileSync(join(folder, file)).toString('latin1');
    if (words.some((word) => bytes.includes(word))) found.add('a file');
  }
  return [...found].sort();
}

const countFiles = (stage: Stage): number => {
  const folder = join(stage.world.dataDir, 'files');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.\w+$/.test(name)).length;
};

async function sweepAll(stage: Stage): Promise<void> {
  const { projects, mainProject } = stage.world.app;
  for await (const swept of projects.toSweep()) await sweep(swept, mainProject.context('pages').clock);
}

const options = {
  betterAuth: { additionalFields: { plan: 'string' }, apiKeyMetadata: true },
  policy: { 'users.selfDeletion': true, 'axumkit.publicLog': 'all' },
} as const;

onEveryEngine('Nothing is left of an erased person', options, (stage) => {
  const org = organizations(stage);
  const hexclave = () => hexclaveOf(() => stage.world).existing(stage.world.app.mainProject.project.id);

  const doors: Readonly<Record<string, (person: Marked) => Promise<{ readonly status: number }>>> = {
    'by themselves, over Better Auth': ({ browser }) => browser.post('/delete-user', { password }),
    async 'by an administrator, over Better Auth'({ id }) {
      const admin = await stage.member();
      const ctx = stage.world.app.mainProject.context('cli');
      await asSystem(ctx, (tx) => tx.users.setRoles(admin.id, ['admin'], null, ctx.clock.now()));
      return (await stage.signIn(admin)).post('/admin/remove-user', { userId: id });
    },
    async 'by themselves, over Hexclave'({ email, mark, ip }) {
      const project = await hexclave();
      const headers = { 'x-forwarded-for': ip, 'user-agent': `Browser of ${mark}` };
      const signedIn = await project.request('POST /auth/password/sign-in', { headers, body: { email, password } });
      return project.request('DELETE /users/me', { headers, token: signedIn.body.access_token });
    },
    'by the project’s server, over Hexclave': async ({ id }) =>
      (await hexclave()).request(`DELETE /users/${id}`, { access: 'server' }),
  };

  describe.each(Object.entries(doors))('%s', (_name, leave) => {
    test('in no column of any table, and no file', async () => {
      const person = await leaveMarksEverywhere(stage, org);
      const words = [person.mark, person.ip];
      const before = await whereIs(stage, words);
      // Otherwise this would prove nothing.
      for (const table of [
        'user',
        'email',
        'event',
        'session',
        'invitation',
        'mail_capture',
        'organization',
        'api_key',
      ]) {
        expect(
          before.some((place) => place.startsWith(`${table}.`)),
          table,
        ).toBe(true);
      }
      const files = countFiles(stage);
      expect((await leave(person)).status).toBe(200);
      await stage.world.app.drainJobs();
      stage.world.clock.advance(1);
      await sweepAll(stage);
      expect(countFiles(stage)).toBe(files - 2);
      // The name stays taken for a while, so that nobody passes for the person.
      expect(await whereIs(stage, words)).toEqual(['username_hold.normal']);
      stage.world.clock.advance(days(90));
      await sweepAll(stage);
      expect(await whereIs(stage, words)).toEqual([]);
    });
  });

  test('an address that somebody merely claimed takes nothing of its owner along', async () => {
    const owner = stage.address();
    const founded = await org.found();
    await org.invite(founded, owner);
    const project = await hexclave();
    const stranger = await project.signUp();
    const body = { user_id: 'me', value: owner, type: 'email', used_for_auth: false };
    await project.request('POST /contact-channels', { token: stranger.access_token, body });
    await project.request('DELETE /users/me', { token: stranger.access_token });
    expect(await whereIs(stage, [owner])).toContain('invitation.address');
    expect(await stage.world.mails(owner)).not.toEqual([]);
  });
});
