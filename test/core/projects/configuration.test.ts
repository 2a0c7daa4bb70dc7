import { expect, test } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
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

onEveryEngine('the configuration of a project', {}, (world) => {
  const write = (overrides: ConfigOverrides) =>
    updateProject(world.context('hexclave'), aServer(), { level: 'environment', overrides: () => overrides });
  const held = () => readOwnLevel(world.context('hexclave'), aServer(), 'environment');

  test.each([
    ['a condition of more than 4,000 characters', { condition: 'x'.repeat(4_001) }],
    ['an action that nobody knows', { 'action.type': 'explode' }],
    ['a priority that is none', { priority: 1.5 }],
  ])('is refused with %s, and nothing is stored', async (_, rule) => {
    const before = await held();
    const overrides = Object.fromEntries(
      Object.entries({ enabled: true, ...rule }).map(([name, value]) => [`auth.signUpRules.one.${name}`, value]),
    );
    await expect(write(overrides)).rejects.toMatchObject({ code: 'config_rejected' });
    expect(await held()).toEqual(before);
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
        ({ code }) => (code === 'config_rejected' ? ('refused' as const) : code),
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

    const place = { port: 3000, publicUrl: 'http://localhost:3000', dataDir: '/nowhere', database: database.config };
    const restarted = await openCore(testConfig({}, place), { clock, random: seededRandom(1) }, 'command');
    expect(restarted.projects.configured[0]!.project.policy.signUp.enabled).toBe(false);
    await restarted.close();
  });
});
