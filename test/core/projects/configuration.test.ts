import { expect, test } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { systemActor } from '../../../src/core/actor.ts';
import { createProject } from '../../../src/core/projects/manage-projects.ts';
import type { ConfigOverrides } from '../../../src/core/projects/project-record.ts';
import { readOwnLevel, updateProject } from '../../../src/core/projects/write-config.ts';
import { openCore } from '../../../src/open-core.ts';
import { onEveryEngine } from '../../kit/core-world.ts';
import { seededRandom } from '../../kit/random.ts';
import { aServer } from '../../kit/servers.ts';
import { testConfig } from '../../kit/test-config.ts';

// What is stored can be read: a configuration is built before it is written, by the code that builds it at the start.

const paths = [
  ...['auth.allowSignUp', 'auth.oauth.accountMergeStrategy', 'auth.signUpRulesDefaultAction', 'domains.allowLocalhost'],
  ...['auth.signUpRules.one.enabled', 'auth.signUpRules.one.condition', 'auth.signUpRules.one.priority'],
  ...['auth.signUpRules.one.action.type', 'auth.oauth.providers.one.type', 'auth.oauth.providers.one.isShared'],
  ...['auth.oauth.providers.one.clientId', 'auth.oauth.providers.one.clientSecret', 'apiKeys.enabled.user'],
  ...['auth.oauth.providers.one.microsoftTenantId', 'auth.oauth.providers.one.appleBundles.a'],
  ...['domains.trustedDomains.one.baseUrl', 'domains.trustedDomains.one.handlerPath', 'teams.allowClientTeamCreation'],
  ...['rbac.defaultPermissions.teamMember.read', `rbac.defaultPermissions.teamMember.${'x'.repeat(80)}`],
  ...[
    'rbac.defaultPermissions.signUp.__proto__',
    'rbac.defaultPermissions.teamCreator.$read',
    'emails.server.password',
  ],
  ...['onboarding.requireEmailVerification', 'project.requirePublishableClientKey', 'users.allowClientUserDeletion'],
];
const values: readonly unknown[] = [
  ...[true, false, null, 0, -1, 1e21, '', 'allow', 'reject', 'microsoft', 'apple', 'github', 'nothing', '(', '../x'],
  ...['email.endsWith("x")', 'x'.repeat(5_000), 'https://a.example', 'https://*', 'http://[', 'javascript:x'],
  ...[[], ['a'], [null], {}, { a: 1 }, '\u0000', '\ud800', '𝔘'.repeat(100), Number.MAX_SAFE_INTEGER],
];

/** The second: a permission that people shall start with is none. */
const refusals = ['config_rejected', 'role_not_found'];

onEveryEngine('the configuration of a project', {}, (world) => {
  const write = (overrides: ConfigOverrides) =>
    updateProject(world.context('hexclave'), aServer(), { level: 'environment', overrides: () => overrides });
  const held = () => readOwnLevel(world.context('hexclave'), aServer(), 'environment');

  test.each([
    ['a condition of more than 4,000 characters', { condition: 'x'.repeat(4_001) }],
    ['an action that nobody knows', { 'action.type': 'explode' }],
    ['a priority that is none', { priority: 1.5 }],
    ['a condition that does not parse', { condition: 'email ==' }],
    ['a condition that asks for what is not there', { condition: 'unknown == 1' }],
    ['a condition that is neither true nor false', { condition: 'email' }],
    ['a pattern that is none', { condition: 'email.matches("(")' }],
    ['a broken condition of a rule that is off', { enabled: false, condition: 'email ==' }],
  ])('is refused with %s, and nothing is stored', async (_, rule) => {
    const before = await held();
    const overrides = Object.fromEntries(
      Object.entries({ enabled: true, ...rule }).map(([name, value]) => [`auth.signUpRules.one.${name}`, value]),
    );
    await expect(write(overrides)).rejects.toMatchObject({ code: 'config_rejected' });
    expect(await held()).toEqual(before);
  });

  test('is refused with more sign-up rules than are asked, those that are off included', async () => {
    const rules = (count: number, enabled: boolean) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [
          [`auth.signUpRules.r${at}.enabled`, enabled],
          [`auth.signUpRules.r${at}.condition`, 'email == "x"'],
        ]).flat(),
      );
    for (const enabled of [true, false]) {
      await expect(write(rules(101, enabled))).rejects.toMatchObject({ code: 'config_rejected' });
      await write(rules(100, enabled));
    }
    await write({});
  });

  test('is refused with conditions that have more text than is read in a moment', async () => {
    const condition = (at: number) => `email == "${String(at).padEnd(3_900, 'x')}"`;
    const rules = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [`auth.signUpRules.r${at}.condition`, condition(at)]),
      );
    await expect(write(rules(6))).rejects.toMatchObject({ code: 'config_rejected' });
    await write(rules(5));
    await write({});
  });

  test.each(['credential', 'constructor', 'toString'])('is refused with a provider called %s', async (name) => {
    const own = { type: 'github', isShared: false, clientId: 'id', clientSecret: 'secret' };
    const overrides = Object.fromEntries(
      Object.entries(own).map(([field, value]) => [`auth.oauth.providers.${name}.${field}`, value]),
    );
    await expect(write(overrides)).rejects.toMatchObject({ code: 'config_rejected' });
  });

  test.each(['', ' ', 'two\r\nlines', 'a\u202eb', 'x'.repeat(257)])(
    'a project is not called %j',
    async (displayName) => {
      const change = updateProject(world.context('hexclave'), aServer(), { change: { displayName } });
      await expect(change).rejects.toMatchObject({ code: 'input_invalid' });
      const start = { displayName, description: '', logoUrls: {}, production: false, overrides: {} };
      const made = createProject(world.context('hexclave'), systemActor, null, start);
      await expect(made).rejects.toMatchObject({ code: 'input_invalid' });
    },
  );

  test('is refused with a provider that has a client of its own and lacks its id or secret', async () => {
    const github = (more: ConfigOverrides) =>
      Object.fromEntries(
        Object.entries({ type: 'github', isShared: false, ...more }).map(([name, value]) => [
          `auth.oauth.providers.github.${name}`,
          value,
        ]),
      );
    for (const half of [{}, { clientId: 'id' }, { clientSecret: 'secret' }, { clientId: 'id', clientSecret: '' }]) {
      await expect(write(github(half))).rejects.toMatchObject({ code: 'config_rejected' });
    }
    await write(github({ clientId: 'id', clientSecret: 'secret' }));
    await write({});
  });

  test.each(['project', 'branch'] as const)('takes no secrets on the level %s, which others read', async (level) => {
    const path = 'auth.oauth.providers.github.clientSecret';
    const put = (value: unknown) =>
      updateProject(world.context('hexclave'), aServer(), { level, overrides: () => ({ [path]: value }) });
    await expect(put('canary')).rejects.toMatchObject({ code: 'config_rejected' });
    expect(await readOwnLevel(world.context('hexclave'), aServer(), level)).toEqual({});
    await put(null);
  });

  test('is refused whole: the name of the project is not changed with it', async () => {
    const ctx = world.context('hexclave');
    const before = await ctx.store.read.project.read();
    const overrides = () => ({ 'emails.themes.x': 'x'.repeat(300_000) });
    const change = { displayName: 'Half' };
    await expect(updateProject(ctx, aServer(), { change, overrides })).rejects.toMatchObject({
      code: 'config_rejected',
    });
    expect((await ctx.store.read.project.read()).displayName).toBe(before.displayName);
  });

  test('is refused when a level is larger than all of them need', async () => {
    const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`emails.themes.${at}`, 'x'.repeat(100)]));
    await expect(write(many)).rejects.toMatchObject({ code: 'config_rejected' });
  });

  test('whatever is written: refused, or the project opens with it', async () => {
    const random = seededRandom(7);
    const pick = <T>(from: readonly T[]): T => from[Buffer.from(random.bytes(2)).readUInt16BE() % from.length]!;
    const said = { written: 0, refused: 0 };
    for (let round = 0; round < 150; round += 1) {
      const some = Array.from({ length: 12 }, () => [pick(paths), pick(values)]);
      const overrides = { ...Object.fromEntries(some), 'auth.signUpRules.one.enabled': true };
      const outcome = await write(overrides).then(
        () => 'written' as const,
        ({ code }) => (refusals.includes(code) ? ('refused' as const) : code),
      );
      expect(['written', 'refused']).toContain(outcome);
      said[outcome as 'written'] += 1;
      await world.projects.reload(world.mainProject.project.id);
    }
    expect(said.written).toBeGreaterThan(5);
    expect(said.refused).toBeGreaterThan(5);
    expect(world.logged.filter((line) => line.includes('left out'))).toEqual([]);
  });

  test('that an older version stored and this one does not take is left out, and the rest holds', async () => {
    const stored = { 'auth.allowSignUp': false, [`rbac.defaultPermissions.teamMember.${'x'.repeat(80)}`]: true };
    const { clock, mainProject, database } = world;
    await asSystem(world.context(), (tx) => tx.project.setOverrides('environment', stored, clock.now()));
    await world.projects.reload(mainProject.project.id);
    expect(world.context().project.policy.signUp.enabled).toBe(false);
    expect(world.logged.at(-1)).toContain('left out');

    // What is left out keeps nobody from changing the rest.
    await write({ ...stored, 'teams.allowClientTeamCreation': true });
    expect(world.context().project.policy.organizations.userCreation).toBe(true);

    const place = { port: 3000, publicUrl: 'http://localhost:3000', dataDir: '/nowhere', database: database.config };
    const restarted = await openCore(testConfig({}, place), { clock, random: seededRandom(1) }, 'command');
    expect(restarted.projects.configured[0]!.project.policy.signUp.enabled).toBe(false);
    await restarted.close();
  });
});
